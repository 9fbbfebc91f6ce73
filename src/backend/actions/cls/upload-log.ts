/** UploadLog: bytes of a client become logs of a topic. */
import { ApiError } from "../../../wire/errors.ts";
import { UploadTooLarge } from "../../logs/upload/log-groups.ts";
import { compressions, UnreadableUpload, type Upload } from "../../logs/upload/upload.ts";
import type { Rooms } from "../../rooms.ts";
import { foundLog } from "../cls-shapes.ts";

/** Keeps what a client uploads: log groups in protocol buffers, compressed or not. The headers say where to and how. */
export async function uploadLog(rooms: Rooms, body: Uint8Array, header: (name: string) => string | undefined): Promise<object> {
  const topicId = header("x-cls-topicid") ?? "";
  if (topicId === "") throw new ApiError("MissingParameter", "X-CLS-TopicId: the header is missing");
  const topic = foundLog(rooms.logs.topics.get(topicId), "ResourceNotFound.TopicNotExist", "X-CLS-TopicId", topicId);
  if (!topic.collecting) throw new ApiError("FailedOperation.TopicClosed", `X-CLS-TopicId: ${JSON.stringify(topicId)} (${topic.name}) collects no logs`);
  const kept = await readable(() => rooms.logs.writeUpload(topicId, { body, compression: readCompression(header("x-cls-compresstype") ?? "") }));
  if (kept === 0) throw new ApiError("FailedOperation.MissingContent", "the body holds no log");
  return {};
}

async function readable(write: () => Promise<number>): Promise<number> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof UploadTooLarge) throw new ApiError("LimitExceeded.LogSize", error.message);
    if (error instanceof UnreadableUpload) throw new ApiError("InvalidParameter.Content", error.message);
    throw error;
  }
}

function readCompression(text: string): Upload["compression"] {
  const compression = compressions.find((each) => each === text);
  if (compression === undefined) throw new ApiError("InvalidParameter", `X-CLS-CompressType: ${JSON.stringify(text)} must be lz4, zstd or empty`);
  return compression;
}
