/** A server that speaks the API and fails as told: what a client meets on a bad day. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One way of treating a request. `done` are those after which its work is done, though the client may not learn of it. */
export const faults = {
  fine: { done: true },
  /** Hangs up before it has read the request's meaning. */
  drop: { done: false },
  /** Does its work and hangs up. */
  "drop after work": { done: true },
  /** Hangs up in the middle of the answer. */
  "half an answer": { done: true },
  /** Takes the request and never says anything. */
  stall: { done: true },
  /** Says it will answer and stops in the middle. */
  "stall in the answer": { done: true },
  "500": { done: false },
  "503": { done: true },
  "403": { done: false },
  "no JSON": { done: true },
  "no envelope": { done: true },
  throttled: { done: false },
  "VPC's own throttling": { done: false },
  refused: { done: false },
} as const satisfies Record<string, { done: boolean }>;

export type Fault = keyof typeof faults;

/** What came in, and what was made of it. */
export interface Met {
  readonly action: string;
  readonly body: Record<string, unknown>;
  readonly fault: Fault;
  readonly authorization: string;
  /** Which connection it came over. */
  readonly connection: number;
}

export interface FaultyServer {
  readonly url: string;
  readonly met: Met[];
  /** What the next requests meet; when it is used up, all is fine. */
  plan: Fault[];
  /** What a fine request is answered. */
  answer: (met: Met) => object;
  /** Called when a request was taken that will never be answered to its end. */
  stalled: () => void;
  close(): Promise<void>;
}

/** Starts one on a free port of loopback. */
export async function faultyServer(): Promise<FaultyServer> {
  const connections = new Map<Socket, number>();
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const met: Met = {
        action: String(request.headers["x-tc-action"]),
        body: JSON.parse(text) as Record<string, unknown>,
        fault: self.plan.shift() ?? "fine",
        authorization: request.headers.authorization ?? "",
        connection: connections.get(request.socket)!,
      };
      self.met.push(met);
      treat(met, response, JSON.stringify({ Response: { ...self.answer(met), RequestId: "request-1" } }), self.stalled);
    });
  });
  server.on("connection", (socket) => connections.set(socket, connections.size));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: FaultyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    met: [],
    plan: [],
    answer: () => ({}),
    stalled: () => {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return self;
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function treat({ fault }: Met, response: ServerResponse, text: string, stalled: () => void): void {
  const refuse = (Code: string) => response.end(JSON.stringify({ Response: { Error: { Code, Message: "no" }, RequestId: "request-1" } }));
  switch (fault) {
    case "drop":
    case "drop after work":
      response.destroy();
      return;
    case "half an answer":
      response.writeHead(200, { "content-length": text.length });
      response.write(text.slice(0, 12), () => response.destroy());
      return;
    case "stall":
      stalled();
      return;
    case "stall in the answer":
      response.writeHead(200, { "content-length": text.length });
      response.write(text.slice(0, 12), () => stalled());
      return;
    case "500":
    case "503":
    case "403":
      response.writeHead(Number(fault)).end("a proxy's page");
      return;
    case "no JSON":
      response.end("<html>");
      return;
    case "no envelope":
      response.end("null");
      return;
    case "throttled":
      refuse("RequestLimitExceeded.UinLimitExceeded");
      return;
    case "VPC's own throttling":
      refuse("LimitExceeded.ActionLimited");
      return;
    case "refused":
      refuse("InvalidParameterValue.Range");
      return;
    case "fine":
      response.end(text);
  }
}
