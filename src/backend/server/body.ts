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
    let isOver = false;
    return new Promise((resolve) => {
      const end = (outcome: Body | NoBody) => {
        isOver = true;
        this.heldBytes -= length;
        resolve(outcome);
      };
      const refuse = (why: NoBody) => {
        // Whoever hangs up after the last byte, while the answer is made, is no reason to let go of the body.
        if (isOver) return;
        room.release();
        end(giveUp(request, why));
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
      request.once("end", () => {
        if (!isOver) end({ bytes: room.bytes(), sha256: sum?.digest("hex") ?? "", release: room.release });
      });
      request.once("error", () => refuse("cut off")).once("close", () => refuse("cut off"));
    });
  }

  private roomFor(request: IncomingMessage, announced: number): Room {
    if (announced < largeBytes) return pieces();
    const isChunk = request.headers["x-tc-action"] === "PushPackets" && announced <= maxChunkBytes;
    if (!isChunk) return within(() => ({ memory: Buffer.allocUnsafeSlow(announced), letGo: () => {} }), announced);
    return within(() => this.sharedMemory(), announced);
  }

  private sharedMemory(): Memory {
    const memory = this.free.pop() ?? new SharedArrayBuffer(maxChunkBytes);
    const letGo = () => {
      if (this.free.length < mostFree) this.free.push(memory);
    };
    return { memory: Buffer.from(memory), letGo };
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

/** Memory for a body, and how it is given back. */
interface Memory {
  readonly memory: Buffer;
  readonly letGo: () => void;
}

/** One piece behind the other, in memory for as many bytes as were announced; nothing is taken before the first of them comes. */
function within(take: () => Memory, announced: number): Room {
  let taken: Memory | undefined;
  let length = 0;
  return {
    keep(piece) {
      taken ??= take();
      // V8 copies into memory that threads share word by word, which takes several times as long.
      taken.memory.fill(piece, length, Math.min(length + piece.length, announced));
      length += piece.length;
      // Its memory goes at once: left to the garbage collector, that would mark everything again and again.
      const { buffer, byteLength } = piece;
      if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
    },
    bytes: () => (taken ??= take()).memory.subarray(0, announced),
    release() {
      taken?.letGo();
      taken = undefined;
    },
  };
}
