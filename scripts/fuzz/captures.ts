/** The reader of captures against one written for plainness: mutated files, the same flows or the same refusal. */
import { FlowTable } from "../../src/backend/packet-loop/flow-table.ts";
import { slotBytes } from "../../src/backend/packet-loop/layout.ts";
import { LoopMemory } from "../../src/backend/packet-loop/module.ts";
import { RecordWriter } from "../../src/backend/packet-loop/record-writer.ts";
import { bytesSource } from "../../src/backend/traffic/byte-source.ts";
import { Capture } from "../../src/backend/traffic/capture.ts";
import { type ParserPlaces, parserPlaces } from "../../src/backend/traffic/capture-parser.ts";
import { type NaiveReading, readNaively } from "../../test/support/naive-reader.ts";
import { Chance } from "../oracle/chance.ts";
import { randomCapture } from "./random-capture.ts";

const batchBytes = 64 * slotBytes;

/** Reads many small captures with one loop, so that a case costs little. */
export class FastReader {
  private readonly memory = new LoopMemory(undefined, [3, 5]);
  private readonly places: ParserPlaces = parserPlaces(this.memory);
  private readonly batch = this.memory.allocate(batchBytes);
  private text = "";
  private readonly writer = new RecordWriter(this.memory, {
    format: "csv",
    withAll: true,
    activation: 0,
    take: (text) => (this.text += Buffer.from(text).toString("latin1")),
  });

  /** The records of a capture, sorted as text, and whether it is broken. */
  read(file: Buffer): { records: string[]; isBroken: boolean; frames: number; undecodable: number } {
    const { memory, writer } = this;
    // The times that earlier cases had are of no use to this one.
    memory.numbers().setUint32(memory.shared.farTable, 0, true);
    this.text = "";
    const table = new FlowTable(memory, { intervalSeconds: 0, reassign: true, write: (window) => writer.write(window) });
    const capture = new Capture(memory.shared, this.places, "fuzz", bytesSource(file), "sums");
    for (;;) {
      const end = capture.next(this.batch, this.batch + batchBytes) as number;
      if (end === this.batch) break;
      table.sum(this.batch, end);
    }
    table.finish();
    writer.flush();
    const records = this.text.split("\n").filter((line) => line !== "" && !line.startsWith("srcaddr"));
    const { frames, undecodable } = capture.counts;
    return { records: records.toSorted(), isBroken: capture.failure !== undefined, frames, undecodable };
  }
}

/** Files that are made from one random capture. */
const variants = 16;

let base: { readonly number: number; readonly file: Buffer } | undefined;

/** The file of a case: a random capture, shared by some cases, with a few random changes of its own. */
export function fuzzFile(number: number): Buffer {
  const group = Math.floor(number / variants);
  if (base?.number !== group) base = { number: group, file: randomCapture(new Chance(group)) };
  const chance = new Chance(2 ** 31 + number);
  let { file } = base;
  for (const change of chance.many(0, 3, () => chance.below(8))) file = mutate(file, change, chance);
  return file;
}

function mutate(file: Buffer, change: number, chance: Chance): Buffer {
  if (file.length < 8) return Buffer.from([...file, chance.below(256)]);
  const bytes = Buffer.from(file);
  const at = chance.below(bytes.length);
  switch (change) {
    case 0:
      bytes[at]! ^= 1 << chance.below(8);
      return bytes;
    case 1:
      bytes[at] = chance.of([0, 1, 0x7f, 0x80, 0xff, 0x45, 0x60]);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      bytes.writeUInt32LE(chance.of([0, 1, 0xffffffff, 0x7fffffff, 0x400000, 0x400001, 12, 16]), Math.min(at & ~3, bytes.length - 4));
      return bytes;
    case 4:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([chance.below(256)]), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + chance.below(8)))]);
    case 6: {
      const piece = bytes.subarray(at, at + chance.below(64));
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
    default:
      return Buffer.concat([bytes, randomCapture(chance)]);
  }
}

/** What both readers disagree about; undefined where they agree. */
export function disagreement(fast: FastReader, file: Buffer): string | undefined {
  const ours = fast.read(file);
  const theirs = readNaively(file);
  const expected = naiveRecords(theirs);
  if (ours.isBroken !== theirs.isBroken) return `broken: ${ours.isBroken}, expected ${theirs.isBroken}`;
  if (ours.frames !== theirs.frames) return `frames: ${ours.frames}, expected ${theirs.frames}`;
  if (ours.undecodable !== theirs.undecodable) return `undecodable: ${ours.undecodable}, expected ${theirs.undecodable}`;
  if (ours.records.join("\n") === expected.join("\n")) return undefined;
  return `records:\n${ours.records.join("\n")}\nexpected:\n${expected.join("\n")}`;
}

function naiveRecords({ flows }: NaiveReading): string[] {
  return [...flows]
    .map(([key, { packets, bytes, start, end }]) => `${key},${packets},${bytes},${start ?? ""},${end ?? ""}`)
    .toSorted();
}
