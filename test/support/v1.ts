/** Requests with signature version 1, as raw as a test needs them. */
import { request as httpRequest } from "node:http";
import { defaultV1Method, v1Hashes, v1Signature } from "../../src/wire/sign.ts";
import { type Answer, credentials, type TestServer } from "./server.ts";

type Parameters = Readonly<Record<string, string | undefined>>;

/** What to send; everything left out is as an official client would do it. */
export interface SentV1 {
  readonly method?: "GET" | "POST";
  /** The Host header as it goes over the wire. */
  readonly host?: string;
  /** Parameters added or (undefined) taken away before signing. */
  readonly parameters?: Parameters;
  /** What is signed, where it is not what is sent. */
  readonly signed?: { readonly host?: string; readonly method?: string; readonly path?: string; readonly secretKey?: string; readonly parameters?: Parameters };
  /** Parameters added or (undefined) taken away after signing. */
  readonly changed?: Parameters;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text added to the query or the form. */
  readonly tail?: string;
}

function given(parameters: Parameters): [string, string][] {
  return Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
}

/** The parameters of a signed request, as they are sent. */
export function signedParameters(server: Pick<TestServer, "host">, sent: SentV1): [string, string][] {
  const method = sent.method ?? "GET";
  const parameters: Parameters = {
    Action: "DescribeVpcs",
    Version: "2017-03-12",
    Region: "ap-guangzhou",
    Timestamp: String(Math.floor(Date.now() / 1000)),
    Nonce: "12345",
    SecretId: credentials.secretId,
    SignatureMethod: "HmacSHA256",
    RequestClient: "SDK_TEST",
    ...sent.parameters,
  };
  const named = parameters["SignatureMethod"] ?? defaultV1Method;
  const hash = Object.hasOwn(v1Hashes, named) ? (named as keyof typeof v1Hashes) : defaultV1Method;
  const parts = {
    method: sent.signed?.method ?? method,
    host: sent.signed?.host ?? sent.host ?? server.host,
    path: sent.signed?.path ?? "/",
    parameters: given({ ...parameters, ...sent.signed?.parameters }),
  };
  const Signature = v1Signature(parts, sent.signed?.secretKey ?? credentials.secretKey, hash);
  return given({ ...parameters, Signature, ...sent.changed });
}

/** Sends a request and reads the whole answer. */
export function sendV1(server: TestServer, sent: SentV1): Promise<Answer> {
  const method = sent.method ?? "GET";
  const text = new URLSearchParams(signedParameters(server, sent)).toString() + (sent.tail ?? "");
  const type: Record<string, string> = method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {};
  const options = {
    host: "127.0.0.1",
    port: new URL(server.url).port,
    method,
    path: method === "GET" ? `/?${text}` : "/",
    headers: { host: sent.host ?? server.host, ...type, ...sent.headers },
    setHost: false,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      let answer = "";
      response.setEncoding("utf8").on("data", (part: string) => (answer += part));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text: answer }));
    });
    request.on("error", reject);
    request.end(method === "POST" ? text : "");
  });
}
