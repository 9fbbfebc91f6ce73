/**
 * Parses a capture file (pcap or pcapng) piece by piece: the container here, the packets in the packet loop.
 *
 * A file that ends in the middle of a record, or is no capture at all, is an error that says where and what; the
 * packets before that place have been given out by then.
 */
import {
  interfaceBytes,
  maxInterfaces,
  maxRecordBytes,
  stopBlock,
  stopBroken,
  stopInput,
  stopInterface,
  stopOutput,
  stopTooLong,
} from "../packet-loop/layout.ts";
import { LoopMemory, type SharedLoop } from "../packet-loop/module.ts";
import { PcapngSection, sectionHeaderType } from "./pcapng.ts";

/** What a capture held so far: `frames` is the sum of all the others. */
export interface CaptureCounts {
  frames: number;
  packets: number;
  /** Frames that hold something else than IP, such as ARP. */
  notIp: number;
  /** Frames of link types that cannot be read. */
  otherLink: number;
  /** Frames whose IP header cannot be read. */
  undecodable: number;
}

/** All counts at zero. */
export function noCaptureCounts(): CaptureCounts {
  return { frames: 0, packets: 0, notIp: 0, otherLink: 0, undecodable: 0 };
}

/** Link types (as capture files number them) whose frames can be read. */
export const linkTypeNames: Readonly<Record<number, string>> = {
  0: "null/loopback",
  1: "Ethernet",
  12: "raw IP",
  14: "raw IP",
  101: "raw IP",
  108: "OpenBSD loopback",
  113: "Linux cooked",
  228: "IPv4",
  229: "IPv6",
  276: "Linux cooked v2",
};

/** Bytes read at one time: they stay in the processor's cache until they are parsed. */
const pieceBytes = 256 * 1024;

/** Room for a piece behind the longest record that is not whole yet. */
const inputBytes = maxRecordBytes + 2 * pieceBytes;

const globalHeaderBytes = 24;
const recordHeaderBytes = 16;
const microsecondMagic = 0xa1b2c3d4;
const nanosecondMagic = 0xa1b23c4d;

/** Where in the loop's memory a parser keeps its things. */
export interface ParserPlaces {
  readonly input: number;
  readonly interfaces: number;
}

/** Makes the places for a parser. */
export function parserPlaces(memory: LoopMemory): ParserPlaces {
  return { input: memory.allocate(inputBytes), interfaces: memory.allocate(maxInterfaces * interfaceBytes) };
}

/**
 * One capture on its way through the loop: ask for {@link CaptureParser.space}, fill it, say how much, parse until more
 * is needed.
 */
export class CaptureParser {
  readonly counts = noCaptureCounts();
  /** Whether more bytes are needed, or else more room for packets. */
  needsInput = true;
  /** What is wrong with the file from here on. */
  failure: string | undefined;
  private readonly memory: LoopMemory;
  private readonly name: string;
  private readonly places: ParserPlaces;
  private readonly input: number;
  private kind: "unknown" | "pcap" | "pcapng" = "unknown";
  private section: PcapngSection | undefined;
  private isLittleEndian = true;
  /** The bytes that are not parsed yet, and the place in the file of the first byte of the input. */
  private from = 0;
  private to = 0;
  private base = 0;

  constructor(shared: SharedLoop, places: ParserPlaces, name: string, use: "sums" | "verdicts") {
    this.memory = new LoopMemory(shared);
    this.memory.loop.setSumsOnly(use === "sums");
    this.name = name;
    this.places = places;
    this.input = places.input;
  }

  /** Where the next bytes are to be put. */
  space(): Uint8Array {
    if (this.from > 0) {
      this.memory.bytes(this.input, this.to).copyWithin(0, this.from, this.to);
      this.base += this.from;
      this.to -= this.from;
      this.from = 0;
    }
    return this.memory.bytes(this.input + this.to, pieceBytes);
  }

  /** So many bytes were put there; 0 says that the file ends. */
  filled(length: number): void {
    this.to += length;
    this.needsInput = false;
    if (length === 0) this.endFile();
  }

  /** Parses into the place for packets; gives the place's first free byte. */
  parse(start: number, end: number): number {
    const { loop } = this.memory;
    loop.setOutput(start, end);
    if (this.kind === "unknown") this.beginFile();
    while (!this.needsInput && this.failure === undefined) {
      const at = this.input + this.from;
      const until = this.input + this.to;
      const place = (this.kind === "pcap" ? loop.parsePcap(at, until) : loop.parsePcapng(at, until)) >>> 0;
      this.from = place - this.input;
      const stop = loop.stop.value;
      if (stop === stopOutput) break;
      if (stop === stopInput) this.needsInput = true;
      else if (stop === stopBlock) this.readBlock();
      else this.fail(this.broken(stop));
    }
    this.count();
    return loop.out.value >>> 0;
  }

  private count(): void {
    const { counts } = this;
    const { frames, packets, notIp, otherLink, undecodable } = this.memory.loop;
    // The loop counts in 32 bits: what it grew by is right even when it passed their end.
    const grown = (before: number, now: number) => before + ((now - before) >>> 0);
    counts.frames = grown(counts.frames, frames.value);
    counts.packets = grown(counts.packets, packets.value);
    counts.otherLink = grown(counts.otherLink, otherLink.value);
    counts.notIp = grown(counts.notIp, notIp.value);
    counts.undecodable = grown(counts.undecodable, undecodable.value);
  }

  private get buffered(): number {
    return this.to - this.from;
  }

  private word(offset: number, littleEndian = true): number {
    return this.memory.numbers().getUint32(this.input + this.from + offset, littleEndian);
  }

  private fail(what: string): void {
    this.failure = `${this.name}: ${what}`;
    this.needsInput = false;
  }

  private get place(): number {
    return this.base + this.from;
  }

  /** Finds out what kind of file it is. */
  private beginFile(): void {
    if (this.buffered < 4) {
      this.needsInput = true;
      return;
    }
    if (this.word(0) === sectionHeaderType) {
      this.kind = "pcapng";
      this.section = new PcapngSection(this.memory, this.places.interfaces);
      return;
    }
    const little = this.word(0);
    const big = this.word(0, false);
    const isLittle = little === microsecondMagic || little === nanosecondMagic;
    if (!isLittle && big !== microsecondMagic && big !== nanosecondMagic) {
      return this.fail(`magic number 0x${big.toString(16).padStart(8, "0")} is not that of a pcap or pcapng file`);
    }
    if (this.buffered < globalHeaderBytes) {
      this.needsInput = true;
      return;
    }
    const linkType = this.word(20, isLittle) & 0xffff;
    if (linkTypeNames[linkType] === undefined) return this.fail(`link type ${linkType} cannot be read; ${knownLinkTypes()}`);
    this.kind = "pcap";
    this.isLittleEndian = isLittle;
    this.memory.loop.setPcap(!isLittle, (isLittle ? little : big) === nanosecondMagic, linkType);
    this.from += globalHeaderBytes;
  }

  /** A block of pcapng that is no packet. */
  private readBlock(): void {
    const outcome = this.section!.read(this.input + this.from, this.buffered);
    if (outcome === undefined) this.needsInput = true;
    else if (typeof outcome === "number") this.from += outcome;
    else this.fail(`the block at byte ${this.place} ${outcome}`);
  }

  private broken(stop: number): string {
    if (this.kind === "pcap") {
      return `the record at byte ${this.place} claims a captured length of ${this.recordLength()}, which cannot be`;
    }
    const length = this.word(4, this.section!.isLittleEndian);
    const what: Readonly<Record<number, string>> = {
      [stopTooLong]: `claims a length of ${length}, which cannot be`,
      [stopBroken]: `is broken: its length of ${length}, the length at its end and that of its packet do not agree`,
      [stopInterface]: `names an interface that its section does not describe`,
    };
    return `the block at byte ${this.place} ${what[stop]!}`;
  }

  private recordLength(): number {
    return this.word(8, this.isLittleEndian);
  }

  private endFile(): void {
    if (this.kind === "unknown") {
      if (this.buffered === 0) return this.fail("the file is empty");
      if (this.buffered < 4) return this.fail(`the file has ${this.buffered} bytes, a capture begins with 4 that name its kind`);
      return this.fail(`the file has ${this.buffered} bytes, a pcap header has ${globalHeaderBytes}`);
    }
    if (this.buffered === 0) return;
    const what = this.kind === "pcap" ? "record" : "block";
    const header = this.kind === "pcap" ? recordHeaderBytes : 8;
    const has = this.buffered < header ? `${this.buffered} of the ${header} bytes of its header` : this.cutLength();
    this.fail(`the ${what} at byte ${this.place} has ${has}: the file is cut off`);
  }

  private cutLength(): string {
    if (this.kind === "pcapng") return `${this.buffered} of the ${this.word(4, this.section!.isLittleEndian)} bytes it claims`;
    return `${this.buffered - recordHeaderBytes} of the ${this.recordLength()} bytes it claims`;
  }
}

/** The link types that can be read, in words. */
export function knownLinkTypes(): string {
  return `these can: ${Object.entries(linkTypeNames)
    .map(([number, name]) => `${number} (${name})`)
    .join(", ")}`;
}
