/**
 * A window's text made by several threads: each takes the next piece that nobody has taken, makes text of it, and
 * writes it when its turn has come. So the text is the same as that of one thread.
 */
import type { LoopMemory } from "./module.ts";
import { pieceBytes, piecesOf, type TextOptions, type WindowText, writePiece } from "./record-text.ts";

/*
 * The words that the threads share. Pieces are numbered through all windows, so that a number never comes again.
 */
const taken = 0;
const written = 1;
const end = 2;
const first = 3;
const window = 4;
const list = 5;
const count = 6;
const records = 7;
const failed = 8;
const words = 9;

/** What a thread needs to take part. */
export interface SharedTextPlaces {
  readonly words: number;
  readonly tables: number;
  readonly buffer: number;
}

/** Makes the places for a number of threads. */
export function sharedTextPlaces(memory: LoopMemory, tables: number, threads: number): SharedTextPlaces[] {
  const at = memory.allocate(words * 4);
  new Int32Array(memory.shared.memory.buffer, at, words).fill(0);
  return Array.from({ length: threads }, () => ({ words: at, tables, buffer: memory.allocate(pieceBytes) }));
}

/** One thread's part of the work. */
export class SharedText {
  private readonly memory: LoopMemory;
  private readonly words: Int32Array;
  private readonly buffer: number;
  private readonly options: TextOptions;
  private readonly take: (text: Uint8Array) => void;

  /** The loop of this memory must sum nothing. */
  constructor(memory: LoopMemory, places: SharedTextPlaces, options: TextOptions, take: (text: Uint8Array) => void) {
    this.memory = memory;
    this.words = new Int32Array(memory.shared.memory.buffer, places.words, words);
    this.buffer = places.buffer;
    this.options = options;
    this.take = take;
    memory.loop.useText(places.tables);
  }

  /** Offers a window's pieces to all threads; the window before it must be written. */
  offer(text: WindowText): void {
    const from = Atomics.load(this.words, end);
    for (const [place, value] of [[first, from], [window, text.window], [list, text.list], [count, text.count], [records, 0]] as const) {
      Atomics.store(this.words, place, value);
    }
    Atomics.store(this.words, end, from + piecesOf(text));
  }

  /** Makes text of pieces as long as there are some that nobody has taken. */
  work(): void {
    for (let piece = this.takePiece(); piece !== undefined; piece = this.takePiece()) {
      const text = this.windowText();
      this.memory.loop.readWindow(text.window);
      const until = writePiece(this.memory, text, piece - Atomics.load(this.words, first), this.buffer, this.options);
      Atomics.add(this.words, records, this.memory.loop.written.value);
      this.awaitWritten(piece);
      if (this.hasFailed) return;
      this.take(this.memory.bytes(this.buffer, until - this.buffer));
      Atomics.store(this.words, written, piece + 1);
      Atomics.notify(this.words, written);
    }
  }

  /** Waits until all that was offered is written; gives how many records it has. */
  finish(): number {
    this.awaitWritten(Atomics.load(this.words, end));
    return Atomics.load(this.words, records);
  }

  /** Tells the others that a piece cannot be written: nobody waits for it any more. */
  fail(): void {
    Atomics.store(this.words, failed, 1);
    Atomics.notify(this.words, written);
  }

  /** Whether a piece could not be written. */
  get hasFailed(): boolean {
    return Atomics.load(this.words, failed) === 1;
  }

  private windowText(): WindowText {
    const word = (place: number) => Atomics.load(this.words, place) >>> 0;
    return { window: word(window), list: word(list), count: word(count) };
  }

  private takePiece(): number | undefined {
    for (;;) {
      const piece = Atomics.load(this.words, taken);
      if (piece >= Atomics.load(this.words, end)) return undefined;
      if (Atomics.compareExchange(this.words, taken, piece, piece + 1) === piece) return piece;
    }
  }

  /** Waits until so many pieces are written, or one cannot be. */
  private awaitWritten(pieces: number): void {
    while (!this.hasFailed) {
      const sofar = Atomics.load(this.words, written);
      if (sofar >= pieces) return;
      Atomics.wait(this.words, written, sofar, 100);
    }
  }
}
