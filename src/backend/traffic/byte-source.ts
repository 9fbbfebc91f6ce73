/** Where a capture's bytes come from: a file, standard input, or a stream, compressed with gzip or zstd or not. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { CaptureError } from "./capture-error.ts";

/** Bytes in order. Reading waits only where it must: a file answers at once. */
export interface ByteSource {
  /** The bytes there are in all; undefined where that cannot be known. */
  readonly size: number | undefined;
  /** How far reading has come in a source of known size. */
  readonly position: number;
  /** Fills the place from its start; gives how many bytes came, 0 at the end. */
  read(into: Uint8Array): number | Promise<number>;
  /** Whether the next read can be answered without waiting for a stream. */
  readonly isReady: boolean;
  close(): void;
}

/** Opens a capture by its name; `-` is standard input. */
export function openSource(name: string): ByteSource {
  return name === "-" ? new StreamSource(process.stdin, name) : openFile(name);
}

/** Makes a source of chunks. */
export function sourceOf(chunks: AsyncIterable<Uint8Array>, name: string): ByteSource {
  return new StreamSource(chunks, name);
}

/** Makes a source of bytes that are in memory; its reads never wait. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  const source = {
    size: bytes.length,
    position: 0,
    isReady: true,
    read(into: Uint8Array): number {
      const piece = bytes.subarray(source.position, source.position + into.length);
      into.set(piece);
      source.position += piece.length;
      return piece.length;
    },
    close: () => {},
  };
  return source;
}

function openFile(name: string): ByteSource {
  let descriptor: number;
  try {
    descriptor = openSync(name, "r");
  } catch (error) {
    throw new CaptureError(`${name}: cannot be opened: ${reasonOf(error)}`);
  }
  const stat = fstatSync(descriptor);
  if (stat.isDirectory()) {
    closeSync(descriptor);
    throw new CaptureError(`${name}: is a folder, not a capture file`);
  }
  if (!stat.isFile()) {
    closeSync(descriptor);
    return new StreamSource(createReadStream(name), name);
  }
  const start = Buffer.alloc(4);
  const length = readSync(descriptor, start, 0, 4, 0);
  if (compressionOf(start.subarray(0, length)) === undefined) return new FileSource(descriptor, stat.size, name);
  closeSync(descriptor);
  return new StreamSource(createReadStream(name), name, stat.size);
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

function compressionOf(start: Uint8Array): "gzip" | "zstd" | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  const isZstd = start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd;
  return isZstd ? "zstd" : undefined;
}

class FileSource implements ByteSource {
  readonly size: number;
  readonly isReady = true;
  position = 0;
  private readonly descriptor: number;
  private readonly name: string;

  constructor(descriptor: number, size: number, name: string) {
    this.descriptor = descriptor;
    this.size = size;
    this.name = name;
  }

  read(into: Uint8Array): number {
    try {
      const length = readSync(this.descriptor, into, 0, into.length, null);
      this.position += length;
      return length;
    } catch (error) {
      throw new CaptureError(`${this.name}: cannot be read at byte ${this.position}: ${reasonOf(error)}`);
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Bytes that arrive in chunks; the first of them tell whether they are compressed. */
class StreamSource implements ByteSource {
  readonly size: number | undefined;
  position = 0;
  private readonly raw: AsyncIterator<Uint8Array>;
  private readonly name: string;
  private chunks: AsyncIterator<Uint8Array> | undefined;
  private held: Uint8Array = new Uint8Array(0);

  constructor(stream: AsyncIterable<Uint8Array>, name: string, size?: number) {
    this.raw = stream[Symbol.asyncIterator]();
    this.name = name;
    this.size = size;
  }

  get isReady(): boolean {
    return this.held.length > 0;
  }

  read(into: Uint8Array): number | Promise<number> {
    return this.held.length > 0 ? this.give(into) : this.wait(into);
  }

  private give(into: Uint8Array): number {
    const length = Math.min(into.length, this.held.length);
    into.set(this.held.subarray(0, length));
    this.held = this.held.subarray(length);
    return length;
  }

  private async wait(into: Uint8Array): Promise<number> {
    try {
      this.chunks ??= await this.decompressed();
      while (this.held.length === 0) {
        const next = await this.chunks.next();
        if (next.done) return 0;
        this.held = next.value;
      }
    } catch (error) {
      if (error instanceof CaptureError) throw error;
      throw new CaptureError(`${this.name}: cannot be read on: ${reasonOf(error)}`);
    }
    return this.give(into);
  }

  /** Reads what decides about compression, and gives all the bytes, as they were before it. */
  private async decompressed(): Promise<AsyncIterator<Uint8Array>> {
    const first: Uint8Array[] = [];
    let length = 0;
    while (length < 4) {
      const next = await this.raw.next();
      if (next.done) break;
      this.position += next.value.length;
      length += next.value.length;
      first.push(next.value);
    }
    const start = Buffer.concat(first);
    const compression = compressionOf(start);
    const whole = this.whole(start);
    if (compression === undefined) return whole;
    const decoder = compression === "gzip" ? createGunzip() : createZstdDecompress();
    const compressed = Readable.from(whole);
    compressed.on("error", (error) => decoder.destroy(error));
    return (compressed.pipe(decoder) as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  private async *whole(start: Uint8Array): AsyncGenerator<Uint8Array> {
    if (start.length > 0) yield start;
    for (;;) {
      const next = await this.raw.next();
      if (next.done) return;
      this.position += next.value.length;
      yield next.value;
    }
  }

  close(): void {
    void this.raw.return?.().catch(() => {});
  }
}
