/**
 * Makes the captures that the benchmark reads: synthetic traffic from a seed, cached outside the repository.
 *
 * Packets are not truncated (some tools refuse those that are) and have at most 98 bytes, so that the files stay small.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What a capture is made of. */
export interface Mix {
  readonly name: string;
  readonly packets: number;
  /** Seconds from the first to the last packet. */
  readonly seconds: number;
  /** Flows that are active at a time, and packets until one of them gives way to a new one (0: never). */
  readonly active: number;
  readonly packetsPerFlow: number;
  /** Shares of IPv6 packets and of frames with a VLAN tag, in thousandths. */
  readonly ipv6: number;
  readonly vlan: number;
  readonly seed: number;
  /** So many addresses inside, all connections TCP: traffic for verdicts. */
  readonly enis?: number;
}

/** The first packet's time: the beginning of a capture window. */
export const firstSecond = 1_700_000_400;

/** Traffic of many short flows: 30 minutes, about six packets a directed 5-tuple and window. */
export function mixOf(packets: number, seconds = 1800): Mix {
  return { name: "mix", packets, seconds, active: 150_000, packetsPerFlow: 12.8, ipv6: 80, vlan: 20, seed: 1 };
}

/** Long connections between the outside and some ENIs, within one capture window. */
export function connectionsOf(packets: number, connections: number, enis: number): Mix {
  return { name: "connections", packets, seconds: 500, active: connections, packetsPerFlow: 0, ipv6: 0, vlan: 0, seed: 1, enis };
}

/** The address of an ENI of such a mix. */
export function eniAddress(eni: number): number {
  return 0x0a070100 + (eni % 2) * 256 + 10 + Math.floor(eni / 2);
}

/** Where the captures are kept. */
export const benchFolder = join(homedir(), ".cache", "pulumi-flowlogs", "bench");

/** The capture's file, made where it is not there yet. */
export function captureOf(mix: Mix): string {
  mkdirSync(benchFolder, { recursive: true });
  const { name, packets, seconds, active, seed } = mix;
  const path = join(benchFolder, `${name}-${packets}-${seconds}s-${active}-seed${seed}.pcap`);
  if (existsSync(path)) return path;
  console.error(`making ${path}`);
  const partial = `${path}.partial`;
  writeCapture(mix, partial);
  renameSync(partial, path);
  return path;
}

const bufferBytes = 4 * 1024 * 1024;
const flowWords = 8;

/** Random numbers of 32 bits (xorshift128). */
class Random {
  private a: number;
  private b = 362_436_069;
  private c = 521_288_629;
  private d = 88_675_123;

  constructor(seed: number) {
    this.a = (123_456_789 ^ seed) | 0;
    for (let step = 0; step < 16; step++) this.next();
  }

  next(): number {
    let t = this.a ^ (this.a << 11);
    t ^= t >>> 8;
    [this.a, this.b, this.c] = [this.b, this.c, this.d];
    this.d = this.d ^ (this.d >>> 19) ^ t;
    return this.d >>> 0;
  }

  /** A number from 0 to below 1. */
  share(): number {
    return this.next() / 2 ** 32;
  }
}

function writeCapture(mix: Mix, path: string): void {
  const random = new Random(mix.seed);
  const flows = new Int32Array(mix.active * flowWords);
  for (let place = 0; place < mix.active; place++) newFlow(flows, place, random, mix);
  const buffer = Buffer.alloc(bufferBytes);
  const descriptor = openSync(path, "w");
  let at = globalHeader(buffer);
  let untilNew = mix.packetsPerFlow;
  for (let packet = 0; packet < mix.packets; packet++) {
    if (mix.packetsPerFlow > 0 && --untilNew <= 0) {
      untilNew += mix.packetsPerFlow;
      newFlow(flows, random.next() % mix.active, random, mix);
    }
    const share = random.share();
    const place = Math.floor(share * share * mix.active);
    const us = Math.floor((packet / mix.packets) * mix.seconds * 1e6);
    at = writePacket(buffer, at, flows, place * flowWords, random.next(), us);
    if (at > bufferBytes - 256) {
      writeSync(descriptor, buffer, 0, at);
      at = 0;
    }
  }
  writeSync(descriptor, buffer, 0, at);
  closeSync(descriptor);
}

function globalHeader(buffer: Buffer): number {
  buffer.writeUInt32LE(0xa1b2c3d4, 0);
  buffer.writeUInt32LE(0x00040002, 4);
  buffer.writeUInt32LE(65_535, 16);
  buffer.writeUInt32LE(1, 20);
  return 24;
}

/** A flow: kind word (protocol, IPv6, VLAN), both addresses (of IPv6 the last words), ports. */
function newFlow(flows: Int32Array, place: number, random: Random, mix: Mix): void {
  const at = place * flowWords;
  const kind = random.next();
  const protocol = mix.enis !== undefined || kind % 100 < 70 ? 6 : kind % 100 < 95 ? 17 : 1;
  const isIpv6 = random.next() % 1000 < mix.ipv6;
  const hasVlan = random.next() % 1000 < mix.vlan;
  flows[at] = (isIpv6 && protocol === 1 ? 58 : protocol) | (isIpv6 ? 256 : 0) | (hasVlan ? 512 : 0);
  flows[at + 1] = mix.enis === undefined ? 0x0a000000 | (random.next() & 0xffff) : eniAddress(random.next() % mix.enis);
  flows[at + 2] = random.next();
  const service = [443, 80, 53, 22, 3306, 123, 8080, 3389][random.next() & 7]!;
  flows[at + 3] = ((1024 + (random.next() % (mix.enis === undefined ? 64_000 : 58_000))) << 16) | service;
}

function writePacket(buffer: Buffer, start: number, flows: Int32Array, flow: number, chance: number, us: number): number {
  const kind = flows[flow]!;
  const isIpv6 = (kind & 256) !== 0;
  const isAnswer = (chance & 1) === 1;
  const protocol = kind & 255;
  const payload = (chance >>> 8) & 15;
  const transport = protocol === 6 ? 20 : 8;
  const length = (isIpv6 ? 40 : 20) + transport + payload;
  let at = writeMacs(buffer, start + 16, isAnswer, (kind & 512) !== 0, isIpv6);
  const [from, to] = isAnswer ? [flows[flow + 2]!, flows[flow + 1]!] : [flows[flow + 1]!, flows[flow + 2]!];
  at = isIpv6 ? writeIpv6(buffer, at, protocol, length, from, to) : writeIpv4(buffer, at, protocol, length, from, to);
  const ports = flows[flow + 3]!;
  const swapped = ((ports & 0xffff) << 16) | (ports >>> 16);
  buffer.fill(0, at, at + transport + payload);
  if (protocol === 1 || protocol === 58) buffer[at] = protocol === 1 ? (isAnswer ? 0 : 8) : isAnswer ? 129 : 128;
  else buffer.writeInt32BE(isAnswer ? swapped : ports, at);
  if (protocol === 6) buffer.writeUInt16BE(0x5010, at + 12);
  else if (protocol === 17) buffer.writeUInt16BE(8 + payload, at + 4);
  at += transport + payload;
  const frame = at - start - 16;
  buffer.writeUInt32LE(firstSecond + Math.floor(us / 1e6), start);
  buffer.writeUInt32LE(us % 1e6, start + 4);
  buffer.writeUInt32LE(frame, start + 8);
  buffer.writeUInt32LE(frame, start + 12);
  return at;
}

function writeMacs(buffer: Buffer, at: number, isAnswer: boolean, hasVlan: boolean, isIpv6: boolean): number {
  buffer.writeUInt32BE(0x02000000, at);
  buffer.writeUInt32BE(isAnswer ? 0x00010200 : 0x00020200, at + 4);
  buffer.writeUInt32BE(isAnswer ? 0x00000002 : 0x00000001, at + 8);
  let next = at + 12;
  if (hasVlan) {
    buffer.writeUInt32BE(0x81000064, next);
    next += 4;
  }
  buffer.writeUInt16BE(isIpv6 ? 0x86dd : 0x0800, next);
  return next + 2;
}

function writeIpv4(buffer: Buffer, at: number, protocol: number, length: number, from: number, to: number): number {
  buffer.writeUInt16BE(0x4500, at);
  buffer.writeUInt16BE(length, at + 2);
  buffer.writeUInt32BE(0x00004000, at + 4);
  buffer[at + 8] = 64;
  buffer[at + 9] = protocol;
  buffer.writeUInt16BE(0, at + 10);
  buffer.writeInt32BE(from, at + 12);
  buffer.writeInt32BE(to, at + 16);
  return at + 20;
}

function writeIpv6(buffer: Buffer, at: number, protocol: number, length: number, from: number, to: number): number {
  buffer.writeUInt32BE(0x60000000, at);
  buffer.writeUInt16BE(length - 40, at + 4);
  buffer[at + 6] = protocol;
  buffer[at + 7] = 64;
  for (const [place, word] of [from, to].entries()) {
    const address = at + 8 + place * 16;
    buffer.writeUInt32BE(0x20010db8, address);
    buffer.writeUInt32BE(0, address + 4);
    buffer.writeUInt32BE(0, address + 8);
    buffer.writeInt32BE(word, address + 12);
  }
  return at + 40;
}
