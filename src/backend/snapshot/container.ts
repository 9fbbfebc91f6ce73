/**
 * A snapshot as one stream of bytes: a line that says what it is, a line of JSON that lists the files in it, the files
 * one after the other, and the SHA-256 of all of it. It knows nothing of what the files mean.
 */
import { createHash } from "node:crypto";
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync, readdirSync, readSync, statSync, writeSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Begins the first line; the version follows. */
const magic = "flowlogs snapshot ";

/** The version of the layout; another is refused, never guessed at. */
const version = 1;

const digestBytes = 64;
const pieceBytes = 256 * 1024;

/** Longest first lines: a segment is about 60 bytes of the second. */
const maxHeadBytes = 64 * 1024 * 1024;

/** Bytes that are no snapshot, or no whole one, or one of another version; says which. */
export class MalformedSnapshot extends Error {
  override readonly name = "MalformedSnapshot";
}

/** Whether an error of the operating system says that there is no room. */
export function isFullDisk(error: unknown): error is Error {
  return error instanceof Error && "code" in error && ["ENOSPC", "EDQUOT", "EFBIG"].includes(String(error.code));
}

/** What a snapshot says of itself beside its files. */
export interface About {
  /** The version of the backend that made it. */
  readonly by: string;
  readonly savedMs: number;
}

interface Head extends About {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** A snapshot to be sent: how long it is, and its bytes. */
export interface PackedSnapshot {
  readonly bytes: number;
  readonly pieces: AsyncIterable<Buffer>;
}

/** The files of a folder as a snapshot; `done` is called when it was read, or will not be read any more. */
export function packed(folder: string, about: About, done: () => void): PackedSnapshot {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
  const files = names.map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
  const head = Buffer.from(`${magic}${version}\n${JSON.stringify({ ...about, files } satisfies Head)}\n`);
  const bytes = head.length + files.reduce((sum, file) => sum + file.bytes, 0) + digestBytes;
  return { bytes, pieces: piecesOf(head, files.map(({ name }) => join(folder, name)), done) };
}

async function* piecesOf(head: Buffer, paths: readonly string[], done: () => void): AsyncGenerator<Buffer> {
  try {
    const hash = createHash("sha256").update(head);
    yield head;
    for (const path of paths) {
      for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) {
        hash.update(piece as Buffer);
        yield piece as Buffer;
      }
    }
    yield Buffer.from(hash.digest("hex"));
  } finally {
    done();
  }
}

/** Refuses what does not begin as a snapshot that can be read. */
export function checkBeginning(bytes: Buffer): void {
  const line = bytes.subarray(0, 40).toString("latin1").split("\n")[0]!;
  if (!line.startsWith(magic)) throw new MalformedSnapshot(`it is no snapshot: it does not begin with ${JSON.stringify(magic.trim())}`);
  const found = line.slice(magic.length);
  if (found !== String(version)) throw new MalformedSnapshot(`it is a snapshot of version ${JSON.stringify(found)}; this backend reads version ${version}`);
}

/** Puts the files of a snapshot into a folder, durably; nothing is written before all of it was found to be whole. */
export async function unpack(path: string, folder: string): Promise<About> {
  const descriptor = openSync(path, "r");
  try {
    const { head, headBytes } = readHead(descriptor);
    await checkWhole(path, headBytes + head.files.reduce((sum, { bytes }) => sum + bytes, 0));
    let at = headBytes;
    for (const { name, bytes } of head.files) {
      extract(descriptor, at, bytes, join(folder, name));
      at += bytes;
    }
    return head;
  } finally {
    closeSync(descriptor);
  }
}

function readHead(descriptor: number): { head: Head; headBytes: number } {
  let bytes = readAt(descriptor, 0, pieceBytes);
  checkBeginning(bytes);
  const first = bytes.indexOf("\n") + 1;
  let end = bytes.indexOf("\n", first);
  for (; end === -1; end = bytes.indexOf("\n", first)) {
    const more = readAt(descriptor, bytes.length, pieceBytes);
    if (more.length === 0 || bytes.length > maxHeadBytes) throw new MalformedSnapshot("it is cut off within its list of files");
    bytes = Buffer.concat([bytes, more]);
  }
  const head = parsedHead(bytes.toString("utf8", first, end));
  return { head, headBytes: end + 1 };
}

function parsedHead(text: string): Head {
  let head: Partial<Head> | null = null;
  try {
    head = JSON.parse(text) as Partial<Head> | null;
  } catch {
    // Told below.
  }
  const isFile = (file: { readonly name?: unknown; readonly bytes?: unknown }) =>
    typeof file.name === "string" && /^[\w-]+(?:[./][\w-]+)*$/.test(file.name) && Number.isSafeInteger(file.bytes) && Number(file.bytes) >= 0;
  if (typeof head?.by !== "string" || typeof head.savedMs !== "number" || !Array.isArray(head.files) || !head.files.every(isFile)) {
    throw new MalformedSnapshot("it is damaged: its list of files cannot be read");
  }
  return head as Head;
}

async function checkWhole(path: string, digestAt: number): Promise<void> {
  const { size } = statSync(path);
  if (size < digestAt + digestBytes) throw new MalformedSnapshot(`it is cut off: it has ${size} of ${digestAt + digestBytes} bytes`);
  if (size > digestAt + digestBytes) throw new MalformedSnapshot(`it is damaged: it has ${size} bytes, ${digestAt + digestBytes} were written`);
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { end: digestAt - 1, highWaterMark: pieceBytes })) hash.update(piece as Buffer);
  let written = "";
  for await (const piece of createReadStream(path, { start: digestAt })) written += (piece as Buffer).toString("latin1");
  if (hash.digest("hex") !== written) throw new MalformedSnapshot("it is damaged: its bytes are not those that were written");
}

function extract(from: number, at: number, bytes: number, path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const to = openSync(path, "wx", 0o600);
  try {
    for (let done = 0; done < bytes; ) {
      const piece = readAt(from, at + done, Math.min(pieceBytes, bytes - done));
      for (let rest = piece; rest.length > 0; ) rest = rest.subarray(writeSync(to, rest));
      done += piece.length;
    }
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
}

function readAt(descriptor: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, at));
}
