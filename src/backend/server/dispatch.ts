/** From a message to an answer: whose it is, which action it asks for, what the action says. */
import { findAction } from "../../wire/actions.ts";
import { services } from "../../wire/action.ts";
import { type Envelope, errorEnvelope, successEnvelope } from "../../wire/envelope.ts";
import { ApiError } from "../../wire/errors.ts";
import { unflatten } from "../../wire/flatten.ts";
import type { Credentials } from "../../wire/local-backend.ts";
import { regions } from "../../wire/regions.ts";
import { type Cloud, defaultRegion } from "../cloud.ts";
import { newUuid } from "../ids.ts";
import { authenticate, checkScope } from "./authenticate.ts";
import type { Message } from "./message.ts";

/** What dispatching needs beside the message. */
export interface Counter {
  readonly cloud: Cloud;
  readonly credentials: Credentials;
  /** The machine's time, by which signatures expire, also when the cloud's own clock is virtual. */
  readonly wallClockMs: () => number;
  /** Told of errors that are bugs, with their stack. */
  readonly reportBug: (error: unknown) => void;
}

/** Answers a message; never throws. */
export async function dispatch(message: Message, counter: Counter): Promise<Envelope> {
  const requestId = newUuid(counter.cloud.rooms.random);
  try {
    authenticate(message, counter.credentials, counter.wallClockMs());
    return successEnvelope(await call(message, counter.cloud, requestId), requestId);
  } catch (error) {
    if (error instanceof ApiError) return errorEnvelope(error.code, error.message, requestId);
    counter.reportBug(error);
    return errorEnvelope("InternalError", "the backend failed; its standard error has the details", requestId);
  }
}

async function call(message: Message, cloud: Cloud, requestId: string): Promise<object> {
  const name = requiredHeader(message, "x-tc-action", "X-TC-Action");
  const version = requiredHeader(message, "x-tc-version", "X-TC-Version");
  if (!Object.values(services).some((service) => service.version === version)) {
    throw new ApiError("NoSuchVersion", `X-TC-Version: ${JSON.stringify(version)} is no version of a service offered here`);
  }
  const action = findAction(name);
  if (action === undefined || services[action.service].version !== version) {
    const words = `X-TC-Action: ${JSON.stringify(name)} of version ${version} is not an action this backend answers`;
    throw new ApiError("InvalidAction", words);
  }
  checkScope(message, action.service);
  const region = message.headers.get("x-tc-region") ?? "";
  if (region === "" && action.service === "vpc") {
    throw new ApiError("MissingParameter", "X-TC-Region: VPC actions need a region");
  }
  if (region !== "" && !regions.has(region)) {
    throw new ApiError("UnsupportedRegion", `X-TC-Region: ${JSON.stringify(region)} is not a region`);
  }
  if (action.octetStream) return cloud.pushPackets(message.body);
  return cloud.answer(name, readParameters(message), { requestId, region: region === "" ? defaultRegion : region });
}

function requiredHeader(message: Message, name: string, shown: string): string {
  const value = message.headers.get(name);
  if (value === undefined || value === "") throw new ApiError("MissingParameter", `${shown}: the header is missing`);
  return value;
}

function readParameters(message: Message): unknown {
  if (message.method !== "GET" && message.method !== "POST") {
    throw new ApiError("UnsupportedProtocol", `the method ${message.method} is not POST or GET`);
  }
  if (message.method === "GET") {
    const parameters = unflatten(new URLSearchParams(message.query));
    if (parameters === undefined) throw new ApiError("InvalidParameter", "the query's parameter names contradict each other");
    return parameters;
  }
  const contentType = message.headers.get("content-type") ?? "";
  if (!contentType.startsWith("application/json")) {
    throw new ApiError("UnsupportedProtocol", `Content-Type: ${JSON.stringify(contentType)} must be application/json`);
  }
  const text = message.body.toString("utf8");
  try {
    return text === "" ? {} : (JSON.parse(text) as unknown);
  } catch {
    throw new ApiError("InvalidParameter", `the body is not JSON: ${JSON.stringify(text.slice(0, 80))}`);
  }
}
