/**
 * Who may speak to this server at all, before a request is an API call.
 *
 * The server listens on loopback, but browsers run there too: a page from elsewhere can send requests to it, and a
 * host name from elsewhere can be made to point at it. So foreign Hosts and Origins are turned away.
 */
import { isIP } from "node:net";
import { bareHost, type Message } from "./message.ts";

/** Hosts that clients of the real cloud send through a proxy. */
const cloudDomains = [".tencentcloudapi.com", ".tencentcs.com", ".myqcloud.com"];

/** Why a request is turned away, or undefined when it may come in. */
export function refusal(message: Pick<Message, "headers">, allowedHosts: ReadonlySet<string>): string | undefined {
  const host = message.headers.get("host");
  if (host === undefined || !isAllowed(bareHost(host), allowedHosts)) {
    return `Host ${JSON.stringify(host ?? "")} is not served here; start the server with --allow-host to serve it\n`;
  }
  const origin = message.headers.get("origin");
  if (origin !== undefined && !isOwnOrigin(origin, allowedHosts)) {
    return `Origin ${JSON.stringify(origin)} may not call this server\n`;
  }
  return undefined;
}

function isAllowed(host: string, allowedHosts: ReadonlySet<string>): boolean {
  return isLoopback(host) || allowedHosts.has(host) || cloudDomains.some((domain) => host.endsWith(domain));
}

/** A page may call only when this server itself served it: loopback, or a host the operator named. */
function isOwnOrigin(origin: string, allowedHosts: ReadonlySet<string>): boolean {
  if (!/^https?:\/\//i.test(origin)) return false;
  const host = bareHost(origin);
  return isLoopback(host) || allowedHosts.has(host);
}

/** Whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
