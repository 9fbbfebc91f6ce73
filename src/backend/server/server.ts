/**
 * The HTTP door: reads requests within their limits, has them answered, and closes in order.
 *
 * Before a request is an API call the answer is a plain 403 or 413; from then on always 200 and the envelope.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { envelopeContentType } from "../../wire/envelope.ts";
import { refusal } from "./admission.ts";
import { type Counter, dispatch } from "./dispatch.ts";
import { headersOf, type Message, splitTarget } from "./message.ts";

/** Where to listen and whom to serve. */
export interface ServerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Host names served beside loopback, the listening address and the cloud's own domains. */
  readonly allowHosts: readonly string[];
}

/** The API's limit for a request with signature version 3 (10 MB). */
const maxBodyBytes = 10 * 1024 * 1024;

/** Room for a query of 32 KB, the API's limit for GET, and the headers beside it. */
const maxHeaderBytes = 48 * 1024;

/** How long a client may take to send its headers, and its whole request. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;

/** A server that is listening. */
export interface Listening {
  readonly url: string;
  /** Takes no more requests, lets the running ones finish, and resolves. */
  close(): Promise<void>;
}

/** Starts listening. */
export async function listen(counter: Counter, options: ServerOptions): Promise<Listening> {
  const allowedHosts = new Set([options.host, ...options.allowHosts].map((host) => host.toLowerCase()));
  const server = createServer({ maxHeaderSize: maxHeaderBytes }, (request, response) => {
    void serve(request, response, counter, allowedHosts);
  });
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => drain(server) };
}

/** How long running requests may take to finish when the server is told to stop. */
const drainMs = 10_000;

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A connection that is kept open between requests is idle again and again: look until all are gone.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  counter: Counter,
  allowedHosts: ReadonlySet<string>,
): Promise<void> {
  const headers = headersOf(request);
  const { path, query } = splitTarget(request.url ?? "/");
  const turnedAway = refusal({ headers }, allowedHosts);
  if (turnedAway !== undefined) return plain(response, 403, turnedAway);
  if (path === "/health" && request.method === "GET") return plain(response, 200, "ok\n");
  const body = await readBody(request);
  if (body === "too large") return plain(response, 413, `a request may have ${maxBodyBytes} bytes\n`);
  if (body === "cut off") {
    response.destroy();
    return;
  }
  const message: Message = { method: request.method ?? "", path, query, headers, body };
  const text = JSON.stringify(await dispatch(message, counter));
  response.writeHead(200, { "Content-Type": envelopeContentType, "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

function plain(response: ServerResponse, status: number, text: string): void {
  // What was not read of a refused request is not waited for.
  const connection = status === 200 ? "keep-alive" : "close";
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", Connection: connection });
  response.end(text);
}

/** The body, or why there is none. What a too large body still sends is read past, not kept. */
function readBody(request: IncomingMessage): Promise<Buffer | "too large" | "cut off"> {
  const pieces: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const give = (outcome: Buffer | "too large" | "cut off") => {
      request.removeAllListeners("data");
      request.resume();
      resolve(outcome);
    };
    if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return give("too large");
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length > maxBodyBytes) give("too large");
      else pieces.push(piece);
    });
    request.once("end", () => give(Buffer.concat(pieces)));
    request.once("error", () => give("cut off"));
    request.once("close", () => give("cut off"));
  });
}
