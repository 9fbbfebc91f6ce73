/** What is noted of a packet before it is looked for: what tells it from others, and where to look. */
import { keyBits } from "../layout";

/** What is noted ahead: key and direction, hash, the ends, the ports, the place in the index, then what is likely the entry. */
export const aheadKey = 0;
export const aheadHash = 4;
export const aheadEnds = 8;
export const aheadPorts = 16;
export const aheadPlace = 20;

/** In the key of an entry that is in use; from bit 16 on, where a key is noted: the direction. */
const used: u32 = 1 << 12;

/** Kinds of packets that are told apart. */
const plain: u32 = 0;
const tcpAck: u32 = 1;
const tcpOpening: u32 = 2;
const echoFromLow: u32 = 3;
const echoFromHigh: u32 = 4;
const never: u32 = 5;

/** The bits of a key. */
export const keyMask: u32 = (1 << keyBits) - 1;

/** The hash of what tells packets from others. */
// @ts-ignore: decorator
@inline
export function hashOf(ends: u64, ports: u32, key: u32): u32 {
  let h: u64 = (ends ^ 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
  h ^= h >> 32;
  h = (h ^ (((<u64>key) << 32) | ports)) * 0xc4ceb9fe1a85ec53;
  return <u32>(h >> 32);
}

/** Notes what tells the packet from others: its key, 0 for kinds that never repeat, and its ends in their order. */
// @ts-ignore: decorator
@inline
export function note(packet: usize, ahead: usize): void {
  const traits = load<u32>(packet, 12);
  const form = (traits >> 16) & 255;
  const protocol = traits & 255;
  let kind = plain;
  if (protocol == 6) {
    // FIN, SYN, RST and ACK: a plain ACK, or an opening.
    const flags = (traits >> 8) & 23;
    kind = flags == 16 ? tcpAck : flags == 2 ? tcpOpening : never;
  }
  if (kind == never || form > 1 || load<u32>(packet, 28) != 0) {
    store<u32>(ahead, 0, aheadKey);
    store<u32>(ahead, 0, aheadHash);
    return;
  }
  let ports = load<u32>(packet, 8);
  const src = load<u32>(packet);
  const dst = load<u32>(packet, 4);
  // In the order of the ports as they stand in the packet: any order will do that is the same for both directions.
  const turn = <u32>(src > dst) | (<u32>(src == dst) & <u32>((ports & 0xffff) > ports >> 16));
  if (protocol == 1 || protocol == 58) {
    // Type and code. An echo and its answer are one connection; who asks is part of it.
    const type = ports >> 16;
    const isQuestion = type == (protocol == 1 ? 8 : 128);
    if (isQuestion || type == (protocol == 1 ? 0 : 129)) {
      kind = isQuestion != <bool>turn ? echoFromLow : echoFromHigh;
      ports &= 0xffff;
    } else ports = rotl<u32>(ports, turn << 4);
  } else ports = rotl<u32>(ports, turn << 4);
  const key = protocol | (form << 8) | (kind << 9) | used;
  const ends = rotl<u64>(load<u64>(packet), <u64>turn << 5);
  store<u32>(ahead, key | (turn << 16), aheadKey);
  store<u32>(ahead, hashOf(ends, ports, key), aheadHash);
  store<u64>(ahead, ends, aheadEnds);
  store<u32>(ahead, ports, aheadPorts);
}
