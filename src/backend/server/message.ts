/** An HTTP request as the rest of the server looks at it: nothing in it is trusted yet. */
import type { IncomingMessage } from "node:http";

/** A request whose body has been read. */
export interface Message {
  readonly method: string;
  /** The path, without scheme and host where the client sent the absolute form. */
  readonly path: string;
  /** The query string as sent, without the question mark. */
  readonly query: string;
  /** Header values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Good until the request is answered. */
  readonly body: Buffer;
  /** The body's SHA-256 in hex; empty where the client says that it did not sign it. */
  readonly bodySha256: string;
}

/** The parts of a request target. Clients behind HTTP_PROXY send `http://host/path?query`; URL parsing would throw. */
export function splitTarget(target: string): { path: string; query: string } {
  const relative = target.replace(/^[a-z]+:\/\/[^/?]*/i, "");
  const mark = relative.indexOf("?");
  const path = mark === -1 ? relative : relative.slice(0, mark);
  return { path: path === "" ? "/" : path, query: mark === -1 ? "" : relative.slice(mark + 1) };
}

/** The header values of a request; the first one counts where a name is given twice. */
export function headersOf(request: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!.toLowerCase();
    if (!headers.has(name)) headers.set(name, request.rawHeaders[index + 1]!);
  }
  return headers;
}

/** A Host or Origin as a bare host name: no scheme (one client sends it in Host), no port, no brackets. */
export function bareHost(value: string): string {
  const authority = value.trim().replace(/^[a-z]+:\/\//i, "").split("/")[0]!;
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(authority);
  const bare = bracketed?.[1] ?? authority.replace(/:\d*$/, "");
  return bare.toLowerCase();
}
