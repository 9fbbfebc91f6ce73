/** Writes the flows of complete windows as records. */
import { type LoopMemory, LoopMemoryFull } from "./module.ts";
import { pieceBytes, piecesOf, type TextOptions, textTables, type WindowText, writePiece } from "./record-text.ts";

/** The first line of the CSV format. */
const csvHeader = "srcaddr,dstaddr,srcport,dstport,protocol,packets,bytes,start,end\n";

/** Text that is kept until more has come: small windows are many. */
const keptBytes = 256 * 1024;

/** Writes a window's text together with another thread; gives how many records it has. */
export type ShareWindow = (text: WindowText) => number;

/** How records are written. */
export interface WriterOptions extends TextOptions {
  /** Takes text that is ready; its memory is used again after the call. */
  readonly take: (text: Uint8Array) => void;
}

/** Writes records, a piece at a time. */
export class RecordWriter {
  records = 0;
  /** The tables for text in the loop's memory. */
  readonly tables: number;
  /** Takes over windows of several pieces, where there is another thread to share them with. */
  share: ShareWindow | undefined;
  private readonly memory: LoopMemory;
  private readonly options: WriterOptions;
  private readonly buffer: number;
  private used = 0;

  constructor(memory: LoopMemory, options: WriterOptions) {
    this.memory = memory;
    this.options = options;
    this.tables = textTables(memory, options.format);
    this.buffer = memory.allocate(keptBytes + pieceBytes);
    if (options.format !== "csv") return;
    const header = Buffer.from(csvHeader);
    memory.bytes(this.buffer, header.length).set(header);
    this.used = header.length;
  }

  /** Writes a window's records: in the order of their fields, lines of text in the order they appeared. */
  write(window: number): void {
    const { loop } = this.memory;
    loop.readWindow(window);
    const isInTurn = this.options.format === "text";
    const flows = loop.flows.value;
    const list = isInTurn ? 0 : loop.sortFlows(flows) >>> 0;
    if (list === 0 && !isInTurn) throw new LoopMemoryFull();
    this.writeText({ window, list, count: isInTurn ? loop.units.value : flows });
    if (list !== 0) loop.releaseList(list, flows);
  }

  /** Hands over what is still kept. */
  flush(): void {
    if (this.used > 0) this.options.take(this.memory.bytes(this.buffer, this.used));
    this.used = 0;
  }

  private writeText(text: WindowText): void {
    const pieces = piecesOf(text);
    if (this.share !== undefined && pieces > 1) {
      this.flush();
      this.records += this.share(text);
      return;
    }
    for (let piece = 0; piece < pieces; piece++) {
      this.used = writePiece(this.memory, text, piece, this.buffer + this.used, this.options) - this.buffer;
      this.records += this.memory.loop.written.value;
      if (this.used > keptBytes) this.flush();
    }
  }
}
