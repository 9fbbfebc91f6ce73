/** From a capture file's bytes to its frames: the records of pcap, and the packet blocks of pcapng. */
import {
  interfaceBytes,
  interfaceExponent,
  interfaceIsBinary,
  interfaceLinkType,
  interfaceOffset,
  interfaceSnapLength,
  interfaceUnits,
  maxPacketSlots,
  maxRecordBytes,
  slotBytes,
  stopBlock,
  stopBroken,
  stopInput,
  stopInterface,
  stopOutput,
  stopTooLong,
} from "../layout";
import { decodeFrame } from "./frame";
import { out, outEnd, setNoTime, setTime, setWideTime } from "./output";

/** Why the last call stopped. */
export let stop: u32 = 0;

/** The file's byte order is the opposite of ours. */
let isSwapped: bool = false;
/** Of pcap: whether times are in nanoseconds, and the link type. */
let isNano: bool = false;
let linkType: u32 = 0;
/** Of pcapng: the section's interfaces. */
let interfaces: usize = 0;
let interfaceCount: u32 = 0;

export function setPcap(swapped: bool, nano: bool, link: u32): void {
  isSwapped = swapped;
  isNano = nano;
  linkType = link;
}

export function setSection(swapped: bool, table: usize): void {
  isSwapped = swapped;
  interfaces = table;
  interfaceCount = 0;
}

export function setInterfaceCount(count: u32): void {
  interfaceCount = count;
}

// @ts-ignore: decorator
@inline
function word(at: usize): u32 {
  const value = load<u32>(at);
  return isSwapped ? bswap<u32>(value) : value;
}

// @ts-ignore: decorator
@inline
function half(at: usize): u32 {
  const value = load<u16>(at);
  return isSwapped ? bswap<u16>(value) : value;
}

/** Parses pcap records from `at`; gives the place of the first that is not parsed, and sets `stop`. */
export function parsePcap(at: usize, end: usize): usize {
  stop = stopInput;
  const unit: u32 = isNano ? 1000000000 : 1000000;
  const scale: u32 = isNano ? 1 : 1000;
  while (at + 16 <= end) {
    const captured = word(at + 8);
    if (captured > <u32>maxRecordBytes) {
      stop = stopTooLong;
      return at;
    }
    const frame = at + 16;
    if (frame + captured > end) return at;
    if (out + maxPacketSlots * slotBytes > outEnd) {
      stop = stopOutput;
      return at;
    }
    const seconds = word(at);
    const fraction = word(at + 4);
    if (fraction < unit) setTime(seconds, fraction * scale);
    else setWideTime(<i64>seconds + fraction / unit, (fraction % unit) * scale);
    decodeFrame(linkType, frame, frame + captured, word(at + 12));
    at = frame + captured;
  }
  return at;
}

/** Parses pcapng packet blocks from `at`; stops at every other block, which the caller reads. */
export function parsePcapng(at: usize, end: usize): usize {
  stop = stopInput;
  while (at + 12 <= end) {
    const type = word(at);
    if (type != 6 && type != 3 && type != 2) {
      stop = stopBlock;
      return at;
    }
    const length = word(at + 4);
    if (length > <u32>maxRecordBytes) stop = stopTooLong;
    else if (length < 16 || (length & 3) != 0) stop = stopBroken;
    if (stop != stopInput || at + length > end) return at;
    if (out + maxPacketSlots * slotBytes > outEnd) {
      stop = stopOutput;
      return at;
    }
    if (word(at + length - 4) != length) stop = stopBroken;
    else if (type == 3) simplePacket(at, length);
    else timedPacket(at, length, type == 2);
    if (stop != stopInput) return at;
    at += length;
  }
  return at;
}

/** An enhanced packet block, or the older packet block (whose interface number has 16 bits, then drops). */
function timedPacket(at: usize, length: u32, isOld: bool): void {
  if (length < 32) {
    stop = stopBroken;
    return;
  }
  const number = isOld ? half(at + 8) : word(at + 8);
  if (number >= interfaceCount) {
    stop = stopInterface;
    return;
  }
  const captured = word(at + 20);
  if (captured > length - 32) {
    stop = stopBroken;
    return;
  }
  const card = interfaces + number * interfaceBytes;
  setUnits(((<u64>word(at + 12)) << 32) | word(at + 16), card);
  const frame = at + 28;
  decodeFrame(load<u32>(card, interfaceLinkType), frame, frame + captured, word(at + 24));
}

function simplePacket(at: usize, length: u32): void {
  if (interfaceCount == 0) {
    stop = stopInterface;
    return;
  }
  const original = word(at + 8);
  const limit = load<u32>(interfaces, interfaceSnapLength);
  let captured = length - 16;
  if (original < captured) captured = original;
  if (limit != 0 && limit < captured) captured = limit;
  setNoTime();
  const frame = at + 12;
  decodeFrame(load<u32>(interfaces, interfaceLinkType), frame, frame + captured, original);
}

/** Sets the time from units since 1970 as the interface counts them. */
function setUnits(time: u64, card: usize): void {
  const offset = load<i64>(card, interfaceOffset);
  const exponent = load<u32>(card, interfaceExponent);
  if (load<u32>(card, interfaceIsBinary) != 0) {
    const fraction = exponent == 0 ? 0 : exponent >= 64 ? time : time & (((<u64>1) << exponent) - 1);
    const whole: u64 = exponent >= 64 ? 0 : time >> exponent;
    // Thirty-four bits of the fraction are more than nanoseconds have.
    const shift = exponent > 34 ? exponent - 34 : 0;
    const short = exponent >= 98 ? 0 : shift >= 64 ? 0 : fraction >> shift;
    setWideTime(<i64>whole + offset, <u32>((short * 1000000000) >> (exponent - shift)));
    return;
  }
  const units = load<u64>(card, interfaceUnits);
  // Sixty-four bits of so small a unit are less than a second.
  if (units == 0) return setWideTime(offset, 0);
  const fraction = time % units;
  const nanos = units > 1000000000 ? fraction / (units / 1000000000) : fraction * (1000000000 / units);
  setWideTime(<i64>(time / units) + offset, <u32>nanos);
}
