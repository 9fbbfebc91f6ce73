/** Request bodies, within the limits of one request and of all that are being read. */
import type { IncomingMessage } from "node:http";

/** Why there is no body: over the API's limit, no room beside the others that are being read, or the client hung up. */
export type NoBody = "too large" | "no room" | "cut off";

/** Reads bodies for one server. */
export class BodyReader {
  private readonly maxBodyBytes: number;
  private readonly maxAllBytes: number;
  /** Bytes of the bodies that are not read to their ends. */
  private heldBytes = 0;

  constructor(maxBodyBytes: number, maxAllBytes: number) {
    this.maxBodyBytes = maxBodyBytes;
    this.maxAllBytes = maxAllBytes;
  }

  /** The body, or why there is none. What a refused body still sends is read past, not kept. */
  read(request: IncomingMessage): Promise<Buffer | NoBody> {
    const pieces: Buffer[] = [];
    let length = 0;
    return new Promise((resolve) => {
      const give = (outcome: Buffer | NoBody) => {
        this.heldBytes -= length;
        length = 0;
        request.removeAllListeners("data");
        request.resume();
        resolve(outcome);
      };
      if (Number(request.headers["content-length"] ?? 0) > this.maxBodyBytes) return give("too large");
      request.on("data", (piece: Buffer) => {
        length += piece.length;
        this.heldBytes += piece.length;
        if (length > this.maxBodyBytes) give("too large");
        else if (this.heldBytes > this.maxAllBytes) give("no room");
        else pieces.push(piece);
      });
      request.once("end", () => give(Buffer.concat(pieces)));
      request.once("error", () => give("cut off"));
      request.once("close", () => give("cut off"));
    });
  }
}
