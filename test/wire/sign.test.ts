/** Signatures, against vectors that the official SDKs made (SecretKey `stub-secret-key`, time 1700000000). */
import { describe, expect, test } from "vitest";
import { scopeDate, sha256Hex, tc3Signature, unsignedPayload, v1Signature } from "../../src/wire/sign.ts";

const timestamp = 1_700_000_000;
const date = scopeDate(timestamp);

interface Vector {
  readonly what: string;
  readonly method: string;
  readonly query: string;
  readonly contentType: string;
  readonly host: string;
  readonly service: string;
  readonly payload: string;
  readonly signature: string;
}

const spelledOut = String.raw`{"FlowLogName": "\u6d41 log", "Limit": 1}`;

const vectors: Vector[] = [
  {
    what: "POST",
    method: "POST",
    query: "",
    contentType: "application/json",
    host: "127.0.0.1:8080",
    service: "vpc",
    payload: spelledOut,
    signature: "2f5be3ca4f9c9a778d92f6d2e08dbeda55e00e6f7041bd5c4d487714b773db4e",
  },
  {
    what: "GET",
    method: "GET",
    query: "FlowLogName=%E6%B5%81+log&Limit=1",
    contentType: "application/x-www-form-urlencoded",
    host: "127.0.0.1:8080",
    service: "vpc",
    payload: "",
    signature: "79ff52a68267459057658cccae8b0b4496b29b0b91b1b9fd65db91d573c9280b",
  },
  {
    what: "POST with an unsigned payload",
    method: "POST",
    query: "",
    contentType: "application/json",
    host: "127.0.0.1:8080",
    service: "vpc",
    payload: unsignedPayload,
    signature: "8a5f18d801d9967050eefdcd4dad4ab7a13c3f769b4f82f3cd1d32426a28e5af",
  },
  {
    what: "POST as the Node SDK does it: another service, the host without its port",
    method: "POST",
    query: "",
    contentType: "application/json",
    host: "127.0.0.1",
    service: "127",
    payload: '{"FlowLogName":"流 log","Limit":1}',
    signature: "ca1b8af1ae3aeac51a55794729f241a20983a3d4fac996b0b27bb45f0d39a4a8",
  },
];

describe("TC3-HMAC-SHA256", () => {
  test("the body of the first vector has 41 bytes", () => {
    expect(Buffer.byteLength(spelledOut)).toBe(41);
  });

  test.each(vectors)("$what", ({ method, query, contentType, host, service, payload, signature }) => {
    const headers = [
      ["content-type", contentType],
      ["host", host],
    ] as const;
    const parts = { method, path: "/", query, headers, payloadHash: sha256Hex(payload) };
    expect(tc3Signature(parts, { secretKey: "stub-secret-key", date, service, timestamp })).toBe(signature);
  });
});

describe("signature version 1", () => {
  const parameters = {
    FlowLogName: "流 log",
    Limit: "1",
    Action: "DescribeFlowLogs",
    RequestClient: "SDK_PYTHON_3.1.195",
    Nonce: "12345",
    Timestamp: "1700000000",
    Version: "2017-03-12",
    Region: "ap-guangzhou",
    SecretId: "AKIDEXAMPLE",
    Language: "zh-CN",
  };

  test.each([
    ["HmacSHA256", "POST", "ZkRb24yhrOyVgxVRB98hRRa5CSji+hLoWrwU0KocERA="],
    ["HmacSHA1", "GET", "HwGrZKCn0URH4ZOm67C2Upk8BwI="],
  ] as const)("%s %s", (SignatureMethod, method, signature) => {
    const parts = { method, host: "127.0.0.1:8080", path: "/", parameters: Object.entries({ ...parameters, SignatureMethod }) };
    expect(v1Signature(parts, "stub-secret-key", SignatureMethod)).toBe(signature);
    // The order in which the parameters were sent does not matter.
    expect(v1Signature({ ...parts, parameters: parts.parameters.toReversed() }, "stub-secret-key", SignatureMethod)).toBe(signature);
  });
});
