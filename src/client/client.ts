/**
 * One signed exchange with the API, local or real, over undici.
 *
 * It signs, sends and reads; what an answer means is its caller's business.
 */
import { Agent, request as send } from "undici";
import { actions, type ActionName, type ActionRequest, type ActionResponse, type Call } from "../wire/actions.ts";
import { type ServiceName, services } from "../wire/action.ts";
import type { OfferCounts } from "../wire/flowlogs.ts";
import type { Credentials } from "../wire/local-backend.ts";
import { scopeDate, sha256Hex, tc3Authorization } from "../wire/sign.ts";
import { CloudError, Unreachable } from "./errors.ts";

/** Whom to call and as whom. */
export interface ClientOptions {
  /** The URL of a backend, or `cloud` for the real one. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly region: string;
}

/** How long an answer may take. Moving a virtual clock far can take long. */
const answerTimeoutMs = 300_000;
const connectTimeoutMs = 5_000;

interface Target {
  readonly url: string;
  readonly host: string;
}

/** Calls actions; keep one for many calls, it keeps its connections. */
export class Client {
  readonly region: string;
  /** The endpoint is a backend of this project, not the real cloud. */
  readonly isLocal: boolean;
  private readonly options: ClientOptions;
  private readonly agent = new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: answerTimeoutMs });

  constructor(options: ClientOptions) {
    this.options = options;
    this.region = options.region;
    this.isLocal = options.endpoint !== "cloud";
  }

  /** Calls an action; throws a {@link CloudError} when the API answers one, {@link Unreachable} when nobody answers. */
  readonly call: Call = async <A extends ActionName>(action: A, request: ActionRequest<A>) => {
    const body = Buffer.from(JSON.stringify(request));
    return (await this.exchange(action, body, "application/json")) as ActionResponse<A> & { RequestId: string };
  };

  /** Pushes one chunk of packets. */
  async pushPackets(chunk: Buffer): Promise<OfferCounts & { Chunk: number }> {
    return (await this.exchange("PushPackets", chunk, "application/octet-stream")) as OfferCounts & { Chunk: number };
  }

  /** Lets go of the connections. */
  async close(): Promise<void> {
    await this.agent.close();
  }

  private target(service: ServiceName): Target {
    const { endpoint } = this.options;
    if (endpoint !== "cloud") return { url: endpoint, host: endpoint.replace(/^https?:\/\//, "").replace(/\/.*$/, "") };
    const { host } = services[service];
    if (host === undefined) throw new Error(`the real cloud has no service ${service}`);
    return { url: `https://${host}`, host };
  }

  private async exchange(action: ActionName, body: Buffer, contentType: string): Promise<object> {
    const { service } = actions[action];
    const target = this.target(service);
    const headers = this.signedHeaders(action, target, body, contentType);
    const text = await this.post(target, headers, body);
    return readAnswer(action, text);
  }

  private signedHeaders(action: ActionName, { host }: Target, body: Buffer, contentType: string): Record<string, string> {
    const { credentials, region } = this.options;
    const { service } = actions[action];
    const timestamp = Math.floor(Date.now() / 1000);
    const parts = {
      method: "POST",
      path: "/",
      query: "",
      headers: [
        ["content-type", contentType],
        ["host", host],
      ] as const,
      payloadHash: sha256Hex(body),
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
      ...(credentials.token === undefined ? {} : { "x-tc-token": credentials.token }),
    };
  }

  private async post(target: Target, headers: Record<string, string>, body: Buffer): Promise<string> {
    try {
      const answer = await send(target.url, { method: "POST", headers, body, dispatcher: this.agent });
      const text = await answer.body.text();
      if (answer.statusCode === 200) return text;
      throw new Unreachable(target.url, `it answered HTTP ${answer.statusCode}: ${text.trim().slice(0, 200)}`);
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      throw new Unreachable(target.url, error instanceof Error ? error.message : String(error));
    }
  }
}

interface Answer {
  readonly Response: { readonly RequestId: string; readonly Error?: { Code: string; Message: string } };
}

function readAnswer(action: string, text: string): object {
  const { Response } = JSON.parse(text) as Answer;
  if (Response.Error !== undefined) {
    throw new CloudError(action, Response.Error.Code, Response.Error.Message, Response.RequestId);
  }
  return Response;
}
