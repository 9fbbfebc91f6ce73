/** A snapshot on its way in: numbered chunks, put together in a file. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { checkBeginning, MalformedSnapshot } from "./container.ts";

/** A chunk: which snapshot it is of (16 bytes), its number, whether it is the last, and its bytes. */
export interface SnapshotChunk {
  /** 32 hexadecimal digits that the sender chose. */
  readonly id: string;
  readonly number: number;
  readonly isLast: boolean;
  readonly bytes: Buffer;
}

const headBytes = 21;

export function encodeSnapshotChunk({ id, number, isLast, bytes }: SnapshotChunk): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(id, "hex");
  head.writeUInt32LE(number, 16);
  head.writeUInt8(isLast ? 1 : 0, 20);
  return Buffer.concat([head, bytes]);
}

export function decodeSnapshotChunk(body: Uint8Array): SnapshotChunk {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.length < headBytes || bytes.readUInt8(20) > 1) throw new MalformedSnapshot("the body is no chunk of a snapshot");
  return { id: bytes.toString("hex", 0, 16), number: bytes.readUInt32LE(16), isLast: bytes.readUInt8(20) === 1, bytes: bytes.subarray(headBytes) };
}

/** Takes the chunks of one snapshot in their turn; another that begins takes its place. */
export class Intake {
  private id = "";
  private next = 0;
  private path = "";

  /** Whether this chunk came before, so that its answer was lost. */
  isKnown({ id, number }: SnapshotChunk): boolean {
    return id === this.id && number === this.next - 1;
  }

  /** Adds a chunk to the file, which `place` names for a snapshot that begins. */
  add({ id, number, bytes }: SnapshotChunk, place: () => string): string {
    if (number === 0) {
      checkBeginning(bytes);
      this.drop();
      [this.id, this.next, this.path] = [id, 0, place()];
    }
    if (id !== this.id || number !== this.next) {
      throw new MalformedSnapshot(`chunk ${number} is out of turn${id === this.id ? `, ${this.next} is next` : ": its snapshot has not begun, or another has since"}`);
    }
    const descriptor = openSync(this.path, number === 0 ? "w" : "a", 0o600);
    try {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      // Half a chunk is nothing to go on from.
      this.drop();
      throw error;
    } finally {
      closeSync(descriptor);
    }
    this.next++;
    return this.path;
  }

  /** Forgets what has come. */
  drop(): void {
    if (this.path !== "") rmSync(this.path, { force: true });
    [this.id, this.next, this.path] = ["", 0, ""];
  }
}
