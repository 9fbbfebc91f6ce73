/** From a message to an answer: whose it is, which action it asks for, what the action says. */
import { findAction } from "../../wire/actions.ts";
import { type ActionRow, readRequest, services } from "../../wire/action.ts";
import { type Envelope, errorEnvelope, successEnvelope } from "../../wire/envelope.ts";
import { ApiError } from "../../wire/errors.ts";
import type { Credentials } from "../../wire/local-backend.ts";
import { regions } from "../../wire/regions.ts";
import { type Cloud, defaultRegion } from "../cloud.ts";
import { newUuid } from "../ids.ts";
import { type Asked, askedByHeaders, askedByParameters } from "./asked.ts";
import { authenticateV1, v1Parameters } from "./authenticate-v1.ts";
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

/** An answer without an envelope. */
export interface Bytes {
  readonly bytes: number;
  readonly pieces: AsyncIterable<Buffer>;
}

/** Answers a message; never throws. */
export async function dispatch(message: Message, counter: Counter): Promise<Envelope | Bytes> {
  const requestId = newUuid(counter.cloud.rooms.random);
  try {
    const asked = askedOf(message, counter);
    const answer = await call(message, asked, counter.cloud, requestId);
    return "pieces" in answer ? (answer as Bytes) : successEnvelope(answer, requestId);
  } catch (error) {
    if (error instanceof ApiError) return errorEnvelope(error.code, error.message, requestId);
    counter.reportBug(error);
    return errorEnvelope("InternalError", "the backend failed; its standard error has the details", requestId);
  }
}

/** What the message asks for, once it is known whose it is. */
function askedOf(message: Message, { credentials, wallClockMs }: Counter): Asked {
  const parameters = v1Parameters(message);
  if (parameters === undefined) {
    authenticate(message, credentials, wallClockMs());
    return askedByHeaders(message);
  }
  authenticateV1(message, parameters, credentials, wallClockMs());
  return askedByParameters(parameters);
}

async function call(message: Message, asked: Asked, cloud: Cloud, requestId: string): Promise<object> {
  const { action: name, version, region } = asked;
  if (!Object.values(services).some((service) => service.version === version)) {
    throw new ApiError("NoSuchVersion", `Version: ${JSON.stringify(version)} is no version of a service offered here`);
  }
  const action = findAction(name);
  if (action === undefined || services[action.service].version !== version) {
    const words = `Action: ${JSON.stringify(name)} of version ${version} is not an action this backend answers`;
    throw new ApiError("InvalidAction", words);
  }
  checkScope(message, action.service);
  if (region === "" && action.service === "vpc") {
    throw new ApiError("MissingParameter", "Region: VPC actions need a region");
  }
  if (region !== "" && !regions.has(region)) {
    throw new ApiError("UnsupportedRegion", `Region: ${JSON.stringify(region)} is not a region`);
  }
  if (action.answersBytes) return giveBytes(action, asked.parameters(), cloud);
  if (action.octetStream) return takeBody(name, message, cloud);
  return cloud.answer(name, asked.parameters(), { requestId, region: region === "" ? defaultRegion : region });
}

/** Answers the one action whose answer is bytes. */
function giveBytes(action: ActionRow, parameters: unknown, cloud: Cloud): Promise<Bytes> {
  readRequest(action, parameters);
  return cloud.saveSnapshot();
}

/** Answers an action whose body is bytes; only signature version 3 covers a body that is no form. */
function takeBody(name: string, message: Message, cloud: Cloud): Promise<object> {
  if (message.method !== "POST" || !message.headers.has("authorization")) {
    throw new ApiError("UnsupportedProtocol", "Action: this one takes bytes, sent by POST with signature version 3");
  }
  if (name === "LoadSnapshot") return cloud.loadSnapshot(message.body);
  if (name === "UploadLog") return cloud.uploadLog(message.body, (header) => message.headers.get(header));
  return cloud.pushPackets(message.body);
}
