/** Where decoded packets go, and what was counted on the way. */
import { farTimes, maxFarTimes, noTime, slotBytes } from "../layout";

/** The next free slot, and the end of the place for slots. */
export let out: usize = 0;
export let outEnd: usize = 0;

/** Frames, and of them those that held a packet, no IP, an IP header nobody can read, a link layer nobody can read. */
export let frames: u32 = 0;
export let packets: u32 = 0;
export let notIp: u32 = 0;
export let undecodable: u32 = 0;
export let otherLink: u32 = 0;

/**
 * Whether packets are only summed by 5-tuple: then they carry a hash, ports only of TCP and UDP, and no quoted packets.
 * Otherwise they carry what a verdict needs.
 */
export let sumsOnly: bool = true;

/** The table of far times: how many there are (8 bytes), then each of them. Several instances may share it. */
let farTable: usize = 0;

/** The time of the frame that is being decoded. */
let seconds: u32 = 0;
let nanos: u32 = 0;

export function setSumsOnly(value: bool): void {
  sumsOnly = value;
}

export function setFarTable(at: usize): void {
  farTable = at;
}

export function setOutput(start: usize, end: usize): void {
  out = start;
  outEnd = end;
}

// @ts-ignore: decorator
@inline
export function setTime(s: u32, n: u32): void {
  seconds = s < farTimes ? s : farCode(s);
  nanos = n;
}

/** Sets a time that 32 bits may not hold. */
export function setWideTime(s: i64, n: u32): void {
  seconds = s >= 0 && s < <i64>farTimes ? <u32>s : farCode(s);
  nanos = n;
}

export function setNoTime(): void {
  seconds = noTime;
  nanos = 0;
}

function farCode(s: i64): u32 {
  if (farTable == 0) return noTime;
  const count = load<u32>(farTable);
  // The same one comes again and again, if at all.
  for (let place = count; place > 0 && place + 8 > count; place--) {
    if (load<i64>(farTable + (place << 3)) == s) return farTimes + place - 1;
  }
  if (count == maxFarTimes) return noTime;
  store<u32>(farTable, count + 1);
  store<i64>(farTable + ((count + 1) << 3), s);
  return farTimes + count;
}

/** The seconds that a time code stands for. */
export function farSeconds(code: u32): i64 {
  return load<i64>(farTable + ((code - farTimes + 1) << 3));
}

// @ts-ignore: decorator
@inline
export function frameSeconds(): u32 {
  return seconds;
}

// @ts-ignore: decorator
@inline
export function frameNanos(): u32 {
  return nanos;
}

/** Keeps the packet that was written to the next free slots. */
// @ts-ignore: decorator
@inline
export function keep(slots: u32): void {
  packets++;
  out += slots * slotBytes;
}

// @ts-ignore: decorator
@inline
export function countFrame(): void {
  frames++;
}

export function countNotIp(): void {
  notIp++;
}

export function countUndecodable(): void {
  undecodable++;
}

export function countOtherLink(): void {
  otherLink++;
}
