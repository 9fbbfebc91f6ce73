/**
 * The HTTP door: reads requests within their limits, has them answered, and closes in order.
 *
 * Before a request is an API call the answer is a plain one (403 or 413; 503 where there is no room to read it); from
 * then on it is always 200 and the envelope.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as othersTurn } from "node:timers/promises";
import { envelopeContentType } from "../../wire/envelope.ts";
import { refusal } from "./admission.ts";
import { BodyReader, type NoBody } from "./body.ts";
import { Connections } from "./connections.ts";
import { type Bytes, type Counter, dispatch } from "./dispatch.ts";
import { headersOf, type Message, splitTarget } from "./message.ts";

/** Where to listen and whom to serve. */
export interface ServerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Host names served beside loopback, the listening address and the cloud's own domains. */
  readonly allowHosts: readonly string[];
  readonly limits?: Partial<Limits>;
}

/** What clients may take of a server, so that none of them can keep the others out. */
export interface Limits {
  /** How long a client may take to send its headers, from its connection's opening or its last answer. */
  readonly headersMs: number;
  /** The same for a whole request. */
  readonly requestMs: number;
  /** How long running requests may take to finish when the server is told to stop. */
  readonly drainMs: number;
  readonly maxConnections: number;
  /** Bytes of request line and headers together; the API takes 32 KB in a GET's query. */
  readonly maxHeaderBytes: number;
  /** The API's limit for a request with signature version 3 (10 MB). */
  readonly maxBodyBytes: number;
  /** Bytes of all bodies that are being read at a time. */
  readonly maxAllBodiesBytes: number;
}

const defaultLimits: Limits = {
  headersMs: 10_000,
  requestMs: 60_000,
  drainMs: 10_000,
  maxConnections: 1024,
  maxHeaderBytes: 48 * 1024,
  maxBodyBytes: 10 * 1024 * 1024,
  maxAllBodiesBytes: 128 * 1024 * 1024,
};

/** A server that is listening. */
export interface Listening {
  readonly url: string;
  /** Takes no more requests, lets the running ones finish, and resolves. */
  close(): Promise<void>;
}

/** What serving a request needs. */
interface Door {
  readonly counter: Counter;
  readonly allowedHosts: ReadonlySet<string>;
  readonly bodies: BodyReader;
  readonly server: Server;
}

/** Starts listening. */
export async function listen(counter: Counter, options: ServerOptions): Promise<Listening> {
  const limits = { ...defaultLimits, ...options.limits };
  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs / 4),
    noDelay: true,
  });
  const allowedHosts = new Set([options.host, ...options.allowHosts].map((host) => host.toLowerCase()));
  const bodies = new BodyReader(limits.maxBodyBytes, limits.maxAllBodiesBytes);
  const door: Door = { counter, allowedHosts, bodies, server };
  server.on("request", (request, response) => {
    serve(request, response, door).catch((error: unknown) => {
      counter.reportBug(error);
      response.destroy();
    });
  });
  server.on("clientError", turnAway);
  const connections = new Connections(server, limits.maxConnections);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => drain(server, connections, limits.drainMs) };
}

/** Answers what is no HTTP, or came too slowly, and hangs up. */
function turnAway(error: NodeJS.ErrnoException, socket: Socket): void {
  const statuses: Readonly<Record<string, string>> = {
    HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
    ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  };
  const status = statuses[error.code ?? ""] ?? "400 Bad Request";
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  else socket.destroy();
}

/** How long a connection between two requests is kept when the server is told to stop: one may be on its way. */
const graceMs = 100;

async function drain(server: Server, connections: Connections, drainMs: number): Promise<void> {
  // The HTTP server's own close would hang up at once on connections whose next request is on its way.
  const closed = new Promise<void>((resolve) => {
    NetServer.prototype.close.call(server, () => resolve());
  });
  let sweep: NodeJS.Timeout | undefined;
  const grace = setTimeout(() => {
    sweep = setInterval(() => connections.closeIdle(), 20);
  }, graceMs);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  for (const timer of [grace, cut]) clearTimeout(timer);
  clearInterval(sweep);
  // What is left of it: its watch over slow connections.
  server.close();
}

async function serve(request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
  const headers = headersOf(request);
  const { path, query } = splitTarget(request.url ?? "/");
  const turnedAway = refusal({ headers }, door.allowedHosts);
  if (turnedAway !== undefined) return plain(response, 403, turnedAway);
  if (path === "/health" && request.method === "GET") return plain(response, 200, "ok\n");
  const body = await door.bodies.read(request);
  if (typeof body === "string") return refuseBody(response, body);
  const message: Message = { method: request.method ?? "", path, query, headers, body: body.bytes, bodySha256: body.sha256 };
  const given = await dispatch(message, door.counter).finally(body.release);
  if ("pieces" in given) return giveBytes(response, given);
  const answer = Buffer.from(JSON.stringify(given));
  const head = { "Content-Type": envelopeContentType, "Content-Length": answer.length };
  // Told to stop, the server answers what has come and takes no more over this connection.
  response.writeHead(200, door.server.listening ? head : { ...head, Connection: "close" });
  await sendPieces(response, answer);
}

/** Most bytes that are sent at once: copying a million holds up other requests for ten milliseconds. */
const pieceBytes = 64 * 1024;

async function sendPieces(response: ServerResponse, answer: Buffer): Promise<void> {
  if (answer.length <= pieceBytes) return void response.end(answer);
  await pipeline(piecesOf(answer), response).catch((error: unknown) => {
    // Whoever hangs up does not want the rest.
    if (!response.destroyed) throw error;
  });
}

async function* piecesOf(answer: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < answer.length; at += pieceBytes) {
    yield answer.subarray(at, at + pieceBytes);
    await othersTurn();
  }
}

/** Gives bytes piece by piece, as fast as they are taken; a client that hangs up is no failure. */
async function giveBytes(response: ServerResponse, { bytes, pieces }: Bytes): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": bytes, Connection: "close" });
  try {
    await pipeline(Readable.from(pieces, { objectMode: false }), response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

function refuseBody(response: ServerResponse, why: NoBody): void {
  if (why === "cut off") response.destroy();
  else if (why === "too large") plain(response, 413, "the request is larger than the API's limit of 10 MB\n");
  else plain(response, 503, "too many requests are being read at once; try again\n");
}

function plain(response: ServerResponse, status: number, text: string): void {
  // What was not read of a refused request is not waited for.
  const connection = status === 200 ? "keep-alive" : "close";
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: connection });
  response.end(text);
}
