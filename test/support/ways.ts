/** The ways in which an action can be called: one suite runs through each of them. */
import { Agent, type AgentOptions, type ClientRequest, type ClientRequestArgs } from "node:http";
import { AbstractClient } from "tencentcloud-sdk-nodejs/tencentcloud/common/abstract_client.js";
import { Client } from "../../src/client/client.ts";
import { type ActionName, actions, type Call } from "../../src/wire/actions.ts";
import { type ServiceName, services } from "../../src/wire/action.ts";
import { ApiError, commonCodes, type ErrorCode } from "../../src/wire/errors.ts";
import { testCloud } from "./cloud.ts";
import { credentials, envelope, send, testServer, type TestServer } from "./server.ts";

/** A cloud that can be called. */
export interface Way {
  readonly call: Call;
  /** Moves the cloud's clock. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const region = "ap-guangzhou";

async function inProcess(): Promise<Way> {
  const { cloud, clock } = testCloud();
  return {
    call: cloud.call,
    advance: (ms) => clock.advance(ms),
    close: () => cloud.close(),
  };
}

type Requests = (action: ActionName, request: object) => Promise<object>;

/** A server of its own, called as the way says. */
async function served(calls: (server: TestServer) => { requests: Requests; close?: () => Promise<void> }): Promise<Way> {
  const server = await testServer();
  const { requests, close } = calls(server);
  return {
    call: requests as unknown as Call,
    advance: (ms) => server.clock.advance(ms),
    async close() {
      await close?.();
      await server.close();
      if (server.bugs.length > 0) throw new Error(`the backend failed: ${String(server.bugs[0])}`);
    },
  };
}

function ownClient(server: TestServer) {
  const client = new Client({ endpoint: server.url, credentials, region });
  return { requests: client.call as unknown as Requests, close: () => client.close() };
}

interface SdkProfile {
  readonly signMethod?: "TC3-HMAC-SHA256" | "HmacSHA1" | "HmacSHA256";
  readonly reqMethod?: "GET" | "POST";
  /** Goes through the server as an HTTP proxy, to the cloud's own host names. */
  readonly throughProxy?: true;
}

/** The official Node SDK: the client that each of its products derives from, as those do it. */
function officialSdk({ signMethod, reqMethod = "POST", throughProxy }: SdkProfile) {
  return (server: TestServer) => {
    const agent = throughProxy ? new ProxyAgent(server) : new Agent({ keepAlive: true });
    const clientOf = (service: Exclude<ServiceName, "flowlogs">) => {
      const httpProfile = { protocol: "http://" as const, reqMethod, agent, ...(throughProxy ? {} : { endpoint: server.host }) };
      const profile = { httpProfile, ...(signMethod === undefined ? {} : { signMethod }) };
      return new AbstractClient(services[service].host, services[service].version, { credential: credentials, region, profile });
    };
    const clients = { vpc: clientOf("vpc"), cls: clientOf("cls"), tag: clientOf("tag") };
    const requests: Requests = (action, request) => {
      const { service } = actions[action];
      if (service === "flowlogs") throw new Error(`${action} is no action of the official SDK`);
      return clients[service].request(action, request) as Promise<object>;
    };
    return { requests, close: async () => agent.destroy() };
  };
}

/** Sends requests to a proxy in the absolute form, as clients do with HTTP_PROXY and a plain http address. */
class ProxyAgent extends Agent {
  private readonly proxy: { readonly host: string; readonly port: string };

  constructor(server: TestServer) {
    super({ keepAlive: true });
    const [host = "", port = ""] = server.host.split(":");
    this.proxy = { host, port };
  }

  addRequest(request: ClientRequest, options: ClientRequestArgs & AgentOptions): void {
    request.path = `http://${options.host}${request.path}`;
    const parent = Agent.prototype as unknown as { addRequest(request: ClientRequest, options: object): void };
    parent.addRequest.call(this, request, { ...options, ...this.proxy });
  }
}

/** tccli: a whole URL for its endpoint, which it sends as Host and signs so; its first part is the service it signs for. */
function tccli(server: TestServer) {
  const requests: Requests = async (action, request) => {
    const { service } = actions[action];
    const sent = {
      action,
      version: services[service].version,
      body: JSON.stringify(request),
      host: server.url,
      signed: { service: server.url.split(".")[0]! },
      headers: { "x-tc-language": "zh-CN" },
    };
    const answer = envelope(await send(server, sent));
    if (answer.Error !== undefined) throw new ApiError(answer.Error.Code as ErrorCode, answer.Error.Message);
    return answer;
  };
  return { requests };
}

/** Each way by its name; every opening is a cloud of its own. */
export const ways = {
  "in the process": inProcess,
  "over HTTP with our client": () => served(ownClient),
  "official SDK, TC3 POST": () => served(officialSdk({})),
  "official SDK, TC3 GET": () => served(officialSdk({ reqMethod: "GET" })),
  "official SDK, HmacSHA1 GET": () => served(officialSdk({ signMethod: "HmacSHA1", reqMethod: "GET" })),
  "official SDK, HmacSHA256 POST": () => served(officialSdk({ signMethod: "HmacSHA256" })),
  "official SDK through a proxy": () => served(officialSdk({ throughProxy: true })),
  "tccli's own Host": () => served(tccli),
} as const satisfies Readonly<Record<string, () => Promise<Way>>>;

/** The name of a way. */
export type WayName = keyof typeof ways;

/** Ways in which everything is text in a query or a form: an empty list cannot be said. */
export const flattened: ReadonlySet<WayName> = new Set<WayName>([
  "official SDK, TC3 GET",
  "official SDK, HmacSHA1 GET",
  "official SDK, HmacSHA256 POST",
]);

/** What a call came to: `fine`, or the code and message of its refusal. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "fine";
  } catch (error) {
    if (error instanceof Error && "code" in error) return `${String(error.code)}: ${error.message}`;
    throw error;
  }
}

/** The code of a refusal; one that is not of the action's list is an error of its own. */
export async function refusalOf(action: ActionName, work: Promise<unknown>): Promise<string> {
  const [code = ""] = (await outcome(work)).split(": ");
  const known: readonly string[] = [...actions[action].codes, ...commonCodes];
  if (code !== "fine" && !known.includes(code)) throw new Error(`${action} answered ${code}, which is not of its list`);
  return code;
}
