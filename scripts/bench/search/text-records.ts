/** Lines of records as a batch's columns: the reading of text that ingestion is measured with. */
import type { RecordBatch } from "../../../src/backend/record-batch.ts";

const [space, dot, newline, zero] = [32, 46, 10, 48];

/** Columns that lines are read into, over and over. */
export class TextRecords {
  private readonly template: RecordBatch;
  private readonly eniPlaces: ReadonlyMap<string, number>;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;

  /** `template`: a batch of the same ENIs and account, whose columns are made anew. */
  constructor(template: RecordBatch) {
    this.template = template;
    this.eniPlaces = new Map(template.enis.map(({ id }, place) => [id, place]));
  }

  /** The batch that so many lines say; reasons and directions are not in a line. */
  read(text: Buffer, count: number, id: string): RecordBatch {
    this.bytes = text;
    this.at = 0;
    const of = columns(count);
    for (let row = 0; row < count; row++) {
      this.skip();
      this.skip();
      of.eni[row] = this.eniPlaces.get(this.word())!;
      of.src[row] = this.address();
      of.dst[row] = this.address();
      of.srcPort[row] = this.number();
      of.dstPort[row] = this.number();
      of.protocol[row] = this.number();
      of.packets[row] = this.number();
      of.bytes[row] = this.number();
      of.start[row] = this.number();
      of.end[row] = this.number();
      // ACCEPT or REJECT, by its first letter.
      of.action[row] = this.bytes[this.at] === 0x41 ? 1 : 2;
      while (this.bytes[this.at++] !== newline);
    }
    const { accountId, enis } = this.template;
    return { id, count, accountId, enis, reasons: [], ipv6: new Uint8Array(0), ...of };
  }

  private skip(): void {
    while (this.bytes[this.at++] !== space);
  }

  private word(): string {
    const from = this.at;
    this.skip();
    return this.bytes.toString("latin1", from, this.at - 1);
  }

  private number(): number {
    let value = 0;
    for (let byte = this.bytes[this.at++]!; byte !== space; byte = this.bytes[this.at++]!) value = value * 10 + byte - zero;
    return value;
  }

  private address(): number {
    let [value, part] = [0, 0];
    for (let byte = this.bytes[this.at++]!; ; byte = this.bytes[this.at++]!) {
      if (byte === dot) [value, part] = [value * 256 + part, 0];
      else if (byte === space) return value * 256 + part;
      else part = part * 10 + byte - zero;
    }
  }
}

function columns(count: number) {
  return {
    ...{ eni: new Uint32Array(count), family: new Uint8Array(count).fill(4), src: new Uint32Array(count), dst: new Uint32Array(count) },
    ...{ srcPort: new Uint16Array(count), dstPort: new Uint16Array(count), protocol: new Uint8Array(count) },
    ...{ packets: new Float64Array(count), bytes: new Float64Array(count), start: new Uint32Array(count), end: new Uint32Array(count) },
    ...{ action: new Uint8Array(count), status: new Uint8Array(count), direction: new Uint8Array(count).fill(1) },
    ...{ reason: new Uint32Array(count).fill(0xffffffff), skippedPackets: new Float64Array(count), skippedBytes: new Float64Array(count) },
  };
}
