/** What a request asks for, wherever its signature version puts it: in headers (version 3) or among the parameters (1). */
import { ApiError } from "../../wire/errors.ts";
import { unflatten } from "../../wire/flatten.ts";
import type { Parameters } from "./authenticate-v1.ts";
import type { Message } from "./message.ts";

/** The action that is asked for, and what it is asked with. */
export interface Asked {
  readonly action: string;
  readonly version: string;
  /** Empty where the request names none. */
  readonly region: string;
  /** Reads the action's own parameters. */
  readonly parameters: () => unknown;
}

/** What a request with signature version 3 asks for. */
export function askedByHeaders(message: Message): Asked {
  const required = (name: string, shown: string) => given(message.headers.get(name), `${shown}: the header`);
  return {
    action: required("x-tc-action", "X-TC-Action"),
    version: required("x-tc-version", "X-TC-Version"),
    region: message.headers.get("x-tc-region") ?? "",
    parameters: () => readParameters(message),
  };
}

const commonParameters: ReadonlySet<string> = new Set([
  "Action",
  "Version",
  "Region",
  "Timestamp",
  "Nonce",
  "SecretId",
  "SignatureMethod",
  "Signature",
  "Token",
  "Language",
  "RequestClient",
]);

/** What a request with signature version 1 asks for. */
export function askedByParameters(parameters: Parameters): Asked {
  const required = (name: string) => given(parameters.get(name), `${name}: the parameter`);
  return {
    action: required("Action"),
    version: required("Version"),
    region: parameters.get("Region") ?? "",
    parameters: () => nested([...parameters].filter(([name]) => !commonParameters.has(name))),
  };
}

function given(value: string | undefined, shown: string): string {
  if (value === undefined || value === "") throw new ApiError("MissingParameter", `${shown} is missing`);
  return value;
}

function nested(pairs: Iterable<readonly [string, string]>): unknown {
  const parameters = unflatten(pairs);
  if (parameters === undefined) throw new ApiError("InvalidParameter", "the parameters' names contradict each other");
  return parameters;
}

function readParameters(message: Message): unknown {
  if (message.method !== "GET" && message.method !== "POST") {
    throw new ApiError("UnsupportedProtocol", `the method ${message.method} is not POST or GET`);
  }
  if (message.method === "GET") return nested(new URLSearchParams(message.query));
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
