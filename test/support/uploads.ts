/** Logs as clients upload them: log groups in protocol buffers, sent as the official SDK can. */
import { AbstractClient } from "tencentcloud-sdk-nodejs/tencentcloud/common/abstract_client.js";
import type { Credentials } from "../../src/wire/local-backend.ts";

/** Keys and values, in their order. */
export type Pairs = readonly (readonly [string, string])[];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

function bytes(field: number, value: string | Buffer): Buffer {
  const body = Buffer.from(value as string);
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

const pair = (field: number, [key, value]: readonly [string, string]) => bytes(field, Buffer.concat([bytes(1, key), bytes(2, value)]));

/** One log with its time. */
export function uploadedLog(time: number, pairs: Pairs): Buffer {
  return bytes(1, Buffer.concat([Buffer.from([8]), varint(time), ...pairs.map((each) => pair(2, each))]));
}

/** A group of logs from one file of one host. */
export function logGroup(logs: readonly Buffer[], tags: Pairs = []): Buffer {
  return bytes(1, Buffer.concat([...logs, bytes(3, "/var/log/app"), bytes(4, "10.0.0.1"), ...tags.map((each) => pair(5, each))]));
}

/** Uploads as the official SDK can: its UploadLog takes no body, and only the profile's headers reach the wire. */
export function uploadTo(host: string, credentials: Credentials, body: Buffer, topicId: string, compression = ""): Promise<unknown> {
  const headers = { "X-CLS-TopicId": topicId, "X-CLS-CompressType": compression };
  const client = new AbstractClient("cls.tencentcloudapi.com", "2020-10-16", {
    credential: { secretId: credentials.secretId, secretKey: credentials.secretKey },
    region: "ap-guangzhou",
    profile: { httpProfile: { endpoint: host, protocol: "http://", headers } },
  });
  return client.requestOctetStream("UploadLog", body);
}
