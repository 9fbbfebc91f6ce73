/** An upload as it comes over the wire, and the logs in it. */
import { zstdDecompressSync } from "node:zlib";
import type { Log } from "../log-store.ts";
import { maxUploadBytes, readLogGroups } from "./log-groups.ts";
import { decompressLz4, MalformedLz4 } from "./lz4.ts";
import { MalformedMessage } from "./protobuf.ts";

/** How an upload may be compressed; empty where it is not. */
export const compressions = ["", "lz4", "zstd"] as const;

/** Log groups in protocol buffers, compressed or not. */
export interface Upload {
  readonly body: Uint8Array;
  readonly compression: (typeof compressions)[number];
}

/** Bytes that are no upload: names what is wrong with them. */
export class UnreadableUpload extends Error {
  override readonly name = "UnreadableUpload";
}

/** The logs of an upload, in their order. */
export function readUpload({ body, compression }: Upload): Log[] {
  try {
    return readLogGroups(compression === "" ? body : compression === "lz4" ? decompressLz4(body, maxUploadBytes) : decompressZstd(body));
  } catch (error) {
    if (error instanceof MalformedLz4) throw new UnreadableUpload(`the body is no LZ4: ${error.message}`);
    if (error instanceof MalformedMessage) throw new UnreadableUpload(error.message);
    throw error;
  }
}

function decompressZstd(body: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(body, { maxOutputLength: maxUploadBytes });
  } catch (error) {
    // Node's own errors: the bytes are no zstd, or hold more than that.
    if (error instanceof Error && "code" in error) throw new UnreadableUpload(`the body is no zstd of at most ${maxUploadBytes} bytes: ${error.message}`);
    throw error;
  }
}
