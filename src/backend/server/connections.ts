/**
 * The open connections of a server, within a limit: where a new one finds no room, the one that has asked for nothing
 * for longest makes way. So whoever opens many connections and says nothing keeps nobody else out.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of one server. */
export class Connections {
  /** Those without a request in work, the one that has been so for longest first. */
  private readonly idle = new Set<Socket>();
  private open = 0;
  private readonly most: number;

  constructor(server: Server, most: number) {
    this.most = most;
    server.on("connection", (socket: Socket) => this.add(socket));
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.idle.delete(socket);
      response.on("close", () => {
        if (!socket.destroyed) this.idle.add(socket);
      });
    });
  }

  private add(socket: Socket): void {
    this.open++;
    this.idle.add(socket);
    socket.on("close", () => {
      this.open--;
      this.idle.delete(socket);
    });
    if (this.open <= this.most) return;
    const [longest = socket] = this.idle;
    this.idle.delete(longest);
    longest.destroy();
  }

  /** Hangs up where no request is in work. */
  closeIdle(): void {
    for (const socket of this.idle) socket.destroy();
  }
}
