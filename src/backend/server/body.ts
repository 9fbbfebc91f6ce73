/** Request bodies, within the limits of one request and of all that are being read. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { maxChunkBytes } from "../../wire/flowlogs.ts";
import { unsignedPayload } from "../../wire/sign.ts";

/** Why there is no body: over the API's limit, no room beside the others that are being read, or the client hung up. */
export type NoBody = "too large" | "no room" | "cut off";

/** A request's body. */
export interface Body {
  readonly bytes: Buffer;
  /** Its SHA-256 in hex, summed up as it came: at once it would hold up other requests. Empty where the client did not sign it. */
  readonly sha256: string;
  /** The request is answered: the bytes' memory may be another body's. */
  readonly release: () => void;
}

/** From this size on a body is put where it stays as it comes. */
const largeBytes = 64 * 1024;

/** Most places for chunks of packets that are kept for the next ones: more than a client has under way. */
const mostFree = 4;

/** Reads bodies for one server. */
export class BodyReader {
  /** Chunks of packets come one after the other, and another thread looks at them: they are put into the same memory again and again. */
  private readonly free: SharedArrayBuffer[] = [];
  private readonly maxBodyBytes: number;
  private readonly maxAllBytes: number;
  /** Bytes of the bodies that are not read to their ends. */
  private heldBytes = 0;

  constructor(maxBodyBytes: number, maxAllBytes: number) {
    this.maxBodyBytes = maxBodyBytes;
    this.maxAllBytes = maxAllBytes;
  }

  /** The body, or why there is none. What a refused body still sends is read past, not kept. */
  read(request: IncomingMessage): Promise<Body | NoBody> {
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > this.maxBodyBytes) return Promise.resolve(giveUp(request, "too large"));
    const room = this.roomFor(request, announced);
    const sum = request.headers["x-tc-content-sha256"] === unsignedPayload ? undefined : createHash("sha256");
    let length = 0;
    return new Promise((resolve) => {
      const end = () => {
        this.heldBytes -= length;
        length = 0;
      };
      const refuse = (why: NoBody) => {
        end();
        room.release();
        resolve(giveUp(request, why));
      };
      request.on("data", (piece: Buffer) => {
        length += piece.length;
        this.heldBytes += piece.length;
        if (length > this.maxBodyBytes) refuse("too large");
        else if (this.heldBytes > this.maxAllBytes) refuse("no room");
        else {
          sum?.update(piece);
          room.keep(piece);
        }
      });
      const cutOff = () => refuse("cut off");
      request.once("end", () => {
        request.off("error", cutOff).off("close", cutOff);
        end();
        resolve({ bytes: room.bytes(), sha256: sum?.digest("hex") ?? "", release: room.release });
      });
      request.once("error", cutOff).once("close", cutOff);
    });
  }

  private roomFor(request: IncomingMessage, announced: number): Room {
    if (announced < largeBytes) return pieces();
    const isChunk = request.headers["x-tc-action"] === "PushPackets" && announced <= maxChunkBytes;
    if (!isChunk) return within(Buffer.allocUnsafeSlow(announced), announced, () => {});
    const memory = this.free.pop() ?? new SharedArrayBuffer(maxChunkBytes);
    return within(Buffer.from(memory), announced, () => {
      if (this.free.length < mostFree) this.free.push(memory);
    });
  }
}

/** What a body still sends is read past. */
function giveUp(request: IncomingMessage, why: NoBody): NoBody {
  request.removeAllListeners("data");
  request.resume();
  return why;
}

/** Where the pieces of a body are put. */
interface Room {
  keep(piece: Buffer): void;
  bytes(): Buffer;
  readonly release: () => void;
}

function pieces(): Room {
  const kept: Buffer[] = [];
  return { keep: (piece) => void kept.push(piece), bytes: () => Buffer.concat(kept), release: () => {} };
}

/** One piece behind the other, in memory that has room for as many bytes as were announced. */
function within(memory: Buffer, announced: number, letGo: () => void): Room {
  let length = 0;
  let isHeld = true;
  return {
    keep(piece) {
      // V8 copies into memory that threads share word by word, which takes five times as long.
      memory.fill(piece, length, Math.min(length + piece.length, announced));
      length += piece.length;
      // Its memory goes at once: left to the garbage collector, that would mark everything again and again.
      const { buffer, byteLength } = piece;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
    },
    bytes: () => memory.subarray(0, announced),
    release() {
      if (isHeld) letGo();
      isHeld = false;
    },
  };
}
