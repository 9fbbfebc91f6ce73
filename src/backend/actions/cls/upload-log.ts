/** UploadLog: bytes of a client become logs of a topic. */
import { zstdDecompressSync } from "node:zlib";
import { ApiError } from "../../../wire/errors.ts";
import type { Log } from "../../logs/log-store.ts";
import { maxUploadBytes, readLogGroups, UploadTooLarge } from "../../logs/upload/log-groups.ts";
import { decompressLz4, MalformedLz4 } from "../../logs/upload/lz4.ts";
import { MalformedMessage } from "../../logs/upload/protobuf.ts";
import type { Rooms } from "../../rooms.ts";
import { foundLog } from "../cls-shapes.ts";

/** Keeps what a client uploads: log groups in protocol buffers, compressed or not. The headers say where to and how. */
export async function uploadLog(rooms: Rooms, body: Uint8Array, header: (name: string) => string | undefined): Promise<object> {
  const topicId = header("x-cls-topicid") ?? "";
  if (topicId === "") throw new ApiError("MissingParameter", "X-CLS-TopicId: the header is missing");
  const topic = foundLog(rooms.logs.topics.get(topicId), "ResourceNotFound.TopicNotExist", "X-CLS-TopicId", topicId);
  if (!topic.collecting) throw new ApiError("FailedOperation.TopicClosed", `X-CLS-TopicId: ${JSON.stringify(topicId)} (${topic.name}) collects no logs`);
  const logs = readable(body, header("x-cls-compresstype") ?? "");
  if (logs.length === 0) throw new ApiError("FailedOperation.MissingContent", "the body holds no log");
  await rooms.logs.writeLogs(topicId, logs);
  return {};
}

function readable(body: Uint8Array, compression: string): Log[] {
  try {
    return readLogGroups(decompress(body, compression));
  } catch (error) {
    if (error instanceof UploadTooLarge) throw new ApiError("LimitExceeded.LogSize", error.message);
    if (error instanceof MalformedLz4) throw new ApiError("InvalidParameter.Content", `the body is no LZ4: ${error.message}`);
    if (error instanceof MalformedMessage) throw new ApiError("InvalidParameter.Content", error.message);
    throw error;
  }
}

function decompress(body: Uint8Array, compression: string): Uint8Array {
  switch (compression) {
    case "":
      return body;
    case "lz4":
      return decompressLz4(body, maxUploadBytes);
    case "zstd":
      return decompressZstd(body);
    default:
      throw new ApiError("InvalidParameter", `X-CLS-CompressType: ${JSON.stringify(compression)} must be lz4, zstd or empty`);
  }
}

function decompressZstd(body: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(body, { maxOutputLength: maxUploadBytes });
  } catch (error) {
    // Node's own errors: the bytes are no zstd, or hold more than that.
    if (error instanceof Error && "code" in error) throw new ApiError("InvalidParameter.Content", `the body is no zstd of at most ${maxUploadBytes} bytes: ${error.message}`);
    throw error;
  }
}
