/**
 * Signed exchanges with the API, local or real, over undici: connections are kept, calls end in time, and what is safe
 * to repeat is repeated. What an answer means is its caller's business.
 */
import { setTimeout as wait } from "node:timers/promises";
import { Agent, request as send } from "undici";
import { actions, type ActionName, type ActionRequest, type ActionResponse, type Call } from "../wire/actions.ts";
import { type ServiceName, services } from "../wire/action.ts";
import type { LoadedObject, OfferCounts } from "../wire/flowlogs.ts";
import type { Credentials } from "../wire/local-backend.ts";
import { scopeDate, sha256Hex, tc3Authorization, unsignedPayload } from "../wire/sign.ts";
import { CloudError, Unreachable } from "./errors.ts";
import { type ItemOf, items, type ListingOf, type PagedAction } from "./pages.ts";
import { isRepeatable, type Pace, withRetries } from "./retry.ts";

/** Whom to call and as whom. */
export interface ClientOptions {
  /** The URL of a backend, or `cloud` for the real one. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly region: string;
  /** How long an attempt at a call may take, its answer read to the end. */
  readonly timeoutMs?: number;
  readonly pace?: Pace;
}

const connectTimeoutMs = 5_000;
const defaultTimeoutMs = 60_000;

/** Moving a virtual clock far, and whatever falls due on the way, can take long. */
const longTimeoutMs = 300_000;
const longActions: ReadonlySet<ActionName> = new Set<ActionName>(["AdvanceClock", "LoadSnapshot", "PushPackets", "ResetCloud"]);

/** Most connections to one server at a time; further calls wait for one. */
const maxConnections = 64;

/** Most chunks of packets that are sent before the first of them is answered. */
const maxPushes = 8;

const realPace: Pace = { random: Math.random, wait: (ms) => wait(ms), deadline: (ms) => AbortSignal.timeout(ms) };

interface Target {
  readonly url: string;
  readonly host: string;
}

/** Calls actions; keep one for many calls, it keeps its connections. */
export class Client {
  readonly region: string;
  /** The endpoint is a backend of this project, not the real cloud. */
  readonly isLocal: boolean;
  // Private to the language too: an object that is printed somewhere does not show its key.
  readonly #options: ClientOptions;
  readonly #agent = newAgent(maxConnections, 1);

  /** Chunks of packets go over one connection, one behind the other, so that they arrive in their order. */
  #pushAgent: Agent | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.region = options.region;
    this.isLocal = options.endpoint !== "cloud";
  }

  /** The port of the endpoint. */
  get port(): number {
    const { url } = this.#target("flowlogs");
    return Number(/:(\d+)\/?$/.exec(url)?.[1] ?? (url.startsWith("https:") ? 443 : 80));
  }

  /** Calls an action; throws a {@link CloudError} when the API answers one, {@link Unreachable} when no answer comes. */
  readonly call: Call = async <A extends ActionName>(action: A, request: ActionRequest<A>) => {
    const body = Buffer.from(JSON.stringify(request));
    const answer = await this.#exchange(action, body, "application/json", isRepeatable(action, request));
    return answer as ActionResponse<A> & { RequestId: string };
  };

  /** Every item of a listing, asked for page by page as they are taken. */
  items<A extends PagedAction>(action: A, listing: ListingOf<A>): AsyncGenerator<ItemOf<A>> {
    return items(this.call, action, listing);
  }

  /**
   * Pushes one chunk of packets; chunks are numbered, so that one that arrives twice counts once. Several may be under
   * way at a time, and arrive in the order of the calls.
   */
  async pushPackets(chunk: Buffer): Promise<OfferCounts & { Chunk: number }> {
    return (await this.#exchange("PushPackets", chunk, "application/octet-stream", true)) as OfferCounts & { Chunk: number };
  }

  /** Sends one chunk of a snapshot; with the last one it takes the place of everything. */
  async loadSnapshot(chunk: Buffer): Promise<Partial<LoadedObject>> {
    return this.#exchange("LoadSnapshot", chunk, "application/octet-stream", true);
  }

  /** The bytes of a snapshot, and how many they are; read too slowly, they end with an error. */
  async saveSnapshot(): Promise<{ readonly bytes: number; readonly pieces: AsyncIterable<Buffer> }> {
    const target = this.#target("flowlogs");
    const body = Buffer.from("{}");
    const headers = this.#signedHeaders("SaveSnapshot", target, body, "application/json");
    try {
      const answer = await send(target.url, { method: "POST", headers, body, dispatcher: this.#agent, headersTimeout: longTimeoutMs, bodyTimeout: defaultTimeoutMs });
      const bytes = Number(answer.headers["content-length"]);
      if (answer.headers["content-type"] === "application/octet-stream") return { bytes, pieces: answer.body as AsyncIterable<Buffer> };
      readAnswer("SaveSnapshot", target.url, await answer.body.text());
    } catch (error) {
      if (error instanceof CloudError || error instanceof Unreachable) throw error;
      const words = error instanceof Error ? error.message : String(error);
      throw isNotSent(error) ? Unreachable.notThere(target.url, words) : Unreachable.noAnswer(target.url, "SaveSnapshot", words);
    }
    throw Unreachable.notTheApi("turned away", target.url, "no snapshot");
  }

  /** Lets go of the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#agent.close(), this.#pushAgent?.close()]);
  }

  #target(service: ServiceName): Target {
    const { endpoint } = this.#options;
    if (endpoint !== "cloud") return { url: endpoint, host: endpoint.replace(/^https?:\/\//, "").replace(/\/.*$/, "") };
    const { host } = services[service];
    if (host === undefined) throw new Error(`the real cloud has no service ${service}`);
    return { url: `https://${host}`, host };
  }

  #exchange(action: ActionName, body: Buffer, contentType: string, canRepeat: boolean): Promise<object> {
    const target = this.#target(actions[action].service);
    // Signed anew for each attempt: a signature is good for five minutes.
    const attempt = async () => readAnswer(action, target.url, await this.#post(action, target, body, contentType));
    return withRetries(attempt, canRepeat, this.#options.pace ?? realPace);
  }

  #signedHeaders(action: ActionName, { host }: Target, body: Buffer, contentType: string): Record<string, string> {
    const { credentials, region } = this.#options;
    const { service } = actions[action];
    const timestamp = Math.floor(Date.now() / 1000);
    // Packets stay on this machine: nobody is on the way who could change them, and summing them up takes as long as sending them.
    const isUnsigned = action === "PushPackets" && isLoopback(host);
    const parts = {
      method: "POST",
      path: "/",
      query: "",
      headers: [
        ["content-type", contentType],
        ["host", host],
      ] as const,
      payloadHash: sha256Hex(isUnsigned ? unsignedPayload : body),
    };
    const scope = { secretKey: credentials.secretKey, date: scopeDate(timestamp), service, timestamp };
    return {
      authorization: tc3Authorization(parts, scope, credentials.secretId),
      "content-type": contentType,
      host,
      "x-tc-action": action,
      "x-tc-version": services[service].version,
      "x-tc-timestamp": String(timestamp),
      "x-tc-region": region,
      ...(isUnsigned ? { "x-tc-content-sha256": unsignedPayload } : {}),
      ...(credentials.token === undefined ? {} : { "x-tc-token": credentials.token }),
    };
  }

  /** One attempt: the text of an answer with status 200. */
  async #post(action: ActionName, target: Target, body: Buffer, contentType: string): Promise<string> {
    const headers = this.#signedHeaders(action, target, body, contentType);
    const timeoutMs = this.#options.timeoutMs ?? (longActions.has(action) ? longTimeoutMs : defaultTimeoutMs);
    const signal = (this.#options.pace ?? realPace).deadline(timeoutMs);
    let status: number;
    let text: string;
    try {
      const isPush = action === "PushPackets";
      const dispatcher = isPush ? (this.#pushAgent ??= newAgent(1, maxPushes)) : this.#agent;
      const answer = await send(target.url, { method: "POST", headers, body, dispatcher, signal, idempotent: isPush });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      if (signal.aborted) throw Unreachable.noAnswer(target.url, action, `it took longer than ${timeoutMs / 1000} s`);
      const words = error instanceof Error ? error.message : String(error);
      throw isNotSent(error) ? Unreachable.notThere(target.url, words) : Unreachable.noAnswer(target.url, action, words);
    }
    if (status === 200) return text;
    // A gateway that fails says nothing about what stands behind it.
    const howFar = status >= 500 ? "may have arrived" : "turned away";
    throw Unreachable.notTheApi(howFar, target.url, `HTTP ${status}: ${JSON.stringify(text.trim().slice(0, 200))}`);
  }
}

/** Whether that host, with its port or without, is this machine by its address. */
function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/.test(host);
}

function newAgent(connections: number, pipelining: number): Agent {
  // The limit of the whole attempt is the only other one.
  return new Agent({ connect: { timeout: connectTimeoutMs }, connections, pipelining, headersTimeout: 0, bodyTimeout: 0 });
}

/** Whether a request failed before a connection stood, so that nothing of it was sent. */
function isNotSent(error: unknown): boolean {
  const codes = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];
  const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  return causes.length > 0 && causes.every((cause) => cause instanceof Error && "code" in cause && codes.includes(String(cause.code)));
}

interface Answer {
  readonly Response?: { readonly RequestId: string; readonly Error?: { Code: string; Message: string } };
}

function readAnswer(action: string, url: string, text: string): object {
  const answer = parsed(text)?.Response;
  if (typeof answer !== "object") throw Unreachable.notTheApi("may have arrived", url, JSON.stringify(text.slice(0, 200)));
  if (answer.Error !== undefined) throw new CloudError(action, answer.Error.Code, answer.Error.Message, answer.RequestId);
  return answer;
}

function parsed(text: string): Answer | undefined {
  try {
    const value = JSON.parse(text) as Answer | null;
    return value ?? undefined;
  } catch {
    return undefined;
  }
}
