/** A capture on its way from its source through the packet loop. */
import type { SharedLoop } from "../packet-loop/module.ts";
import type { ByteSource } from "./byte-source.ts";
import { CaptureError } from "./capture-error.ts";
import { type CaptureCounts, CaptureParser, type ParserPlaces } from "./capture-parser.ts";

/** Joins a source of bytes and a parser. */
export class Capture {
  readonly name: string;
  readonly source: ByteSource;
  private readonly parser: CaptureParser;
  private hasEnded = false;

  constructor(shared: SharedLoop, places: ParserPlaces, name: string, source: ByteSource, use: "sums" | "verdicts") {
    this.name = name;
    this.source = source;
    this.parser = new CaptureParser(shared, places, name, use);
  }

  get counts(): CaptureCounts {
    return this.parser.counts;
  }

  /** What is wrong with the file behind the packets that were given out. */
  get failure(): string | undefined {
    return this.parser.failure;
  }

  /** Whether packets can be had without waiting for the source. */
  get isReady(): boolean {
    return this.hasEnded || !this.parser.needsInput || this.source.isReady;
  }

  /**
   * Fills the place with the slots of the next packets, a few at least; gives its first free byte, which is its start
   * at the end of the capture. Waits only where the source does.
   */
  next(start: number, end: number): number | Promise<number> {
    while (!this.hasEnded && this.parser.failure === undefined) {
      if (this.parser.needsInput) {
        const length = this.source.read(this.parser.space());
        if (typeof length !== "number") return this.nextAfter(length, start, end);
        this.take(length);
      }
      const at = this.parser.parse(start, end);
      if (at > start) return at;
    }
    return start;
  }

  private async nextAfter(length: Promise<number>, start: number, end: number): Promise<number> {
    try {
      this.take(await length);
    } catch (error) {
      // What was read before counts: the failure stands behind it.
      if (!(error instanceof CaptureError)) throw error;
      this.parser.failure = error.message;
    }
    return this.next(start, end);
  }

  private take(length: number): void {
    this.parser.filled(length);
    if (length === 0) this.hasEnded = true;
  }

  close(): void {
    this.source.close();
  }
}
