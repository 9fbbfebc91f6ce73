/** Writes the flows of complete windows as records, in the formats of `flowlogs aggregate`. */
import { literalAbsent, literalBytes, literalLength } from "./layout.ts";
import { type LoopMemory, LoopMemoryFull } from "./module.ts";

/** The formats that records can be written in. */
export const recordFormats = ["text", "csv", "json"] as const;

/** One of {@link recordFormats}. */
export type RecordFormat = (typeof recordFormats)[number];

/** What stands before each of the nine fields, at the end, and for an absent value. */
const literals: Readonly<Record<RecordFormat, readonly string[]>> = {
  text: ["2 - - ", " ", " ", " ", " ", " ", " ", " ", " ", " ACCEPT OK\n", "-"],
  csv: ["", ",", ",", ",", ",", ",", ",", ",", ",", "\n", ""],
  json: [
    '{"srcaddr":"',
    '","dstaddr":"',
    '","srcport":',
    ',"dstport":',
    ',"protocol":',
    ',"packets":',
    ',"bytes":',
    ',"start":',
    ',"end":',
    "}\n",
    "null",
  ],
};

/** The first line of the CSV format. */
const csvHeader = "srcaddr,dstaddr,srcport,dstport,protocol,packets,bytes,start,end\n";

const bufferBytes = 1024 * 1024;

/** How records are written. */
export interface WriterOptions {
  readonly format: RecordFormat;
  /** Also what flow logs leave out: DHCP, licence activation. */
  readonly withAll: boolean;
  /** The address of the licence activation service, as its four bytes in a little-endian word. */
  readonly activation: number;
  /** Takes text that is ready; its memory is used again after the call. */
  readonly take: (text: Uint8Array) => void;
}

/** Writes records, a buffer at a time. */
export class RecordWriter {
  records = 0;
  private readonly memory: LoopMemory;
  private readonly options: WriterOptions;
  private readonly buffer: number;
  private used = 0;

  constructor(memory: LoopMemory, options: WriterOptions) {
    this.memory = memory;
    this.options = options;
    memory.loop.prepareText();
    for (const [place, text] of literals[options.format].entries()) this.setLiteral(place, text);
    this.buffer = memory.allocate(bufferBytes);
    if (options.format !== "csv") return;
    const header = Buffer.from(csvHeader);
    memory.bytes(this.buffer, header.length).set(header);
    this.used = header.length;
  }

  /** Writes a window's records: in the order of their fields, lines of text in the order they appeared. */
  write(window: number): void {
    this.memory.loop.useWindow(window);
    if (this.options.format === "text") this.writeInTurn();
    else this.writeSorted();
  }

  /** Writes what is still in the buffer. */
  flush(): void {
    this.options.take(this.memory.bytes(this.buffer, this.used));
    this.used = 0;
  }

  private setLiteral(place: number, text: string): void {
    const at = this.memory.loop.literalAt(place);
    const bytes = this.memory.bytes(at, literalBytes);
    bytes.fill(0);
    bytes[literalLength] = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, literalLength).write(text, "latin1");
    if (place > literalAbsent || text.length >= literalLength) throw new RangeError(`literal ${place} is too long: ${text}`);
  }

  private writeInTurn(): void {
    const { loop } = this.memory;
    let number = 1;
    while (number < loop.units.value) {
      const [at, end, activation, withAll] = this.target();
      this.took(loop.writeFlows(number, at, end, activation, withAll));
      number = loop.nextNumber.value;
    }
  }

  private writeSorted(): void {
    const { loop } = this.memory;
    const count = loop.flows.value;
    const list = loop.sortFlows(count) >>> 0;
    if (list === 0) throw new LoopMemoryFull();
    let place = 0;
    while (place < count) {
      const [at, end, activation, withAll] = this.target();
      this.took(loop.writeList(list, place, count, at, end, activation, withAll));
      place = loop.nextNumber.value;
    }
    loop.releaseList(list, count);
  }

  private target(): [at: number, end: number, activation: number, withAll: boolean] {
    return [this.buffer + this.used, this.buffer + bufferBytes, this.options.activation, this.options.withAll];
  }

  /** Text was written up to that place; a buffer that is nearly full goes out. */
  private took(end: number): void {
    this.used = (end >>> 0) - this.buffer;
    this.records += this.memory.loop.written.value;
    if (this.used > bufferBytes / 2) this.flush();
  }
}
