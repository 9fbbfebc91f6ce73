/**
 * Realistic records for the search benchmark, from a seed: 24 hours, 20,000 ENIs that share the traffic log-uniformly, 8
 * topics, 2.5 million addresses outside, 5 % REJECT, and one address that is met in 22 records only.
 *
 * They come as aggregation publishes them: a batch for each topic and capture window, ENI by ENI, each ENI's by their start.
 */
import { ActionCode, DirectionCode, type RecordBatch, StatusCode } from "../../../src/backend/record-batch.ts";
import { formatIpv4 } from "../../../src/net/address.ts";

/** The first second: the beginning of a day. */
export const beginSeconds = Date.UTC(2026, 10, 21) / 1000;
export const hours = 24;
export const topics = 8;
export const enis = 20_000;
export const outsiders = 2_500_000;
const windowSeconds = 600;
const windows = (hours * 3600) / windowSeconds;

/** The address that is looked for, and how often it is there. */
export const needle = 0xcb00710c; // 203.0.113.12
export const needles = 22;

/** Addresses outside lie in networks of 256, eight of them in each. */
const networks = outsiders / 8;
const services = [443, 443, 443, 443, 80, 80, 53, 53, 8080, 3306, 6379, 5432, 22, 25, 123, 9092];
const scanned = [22, 23, 80, 445, 1433, 3306, 3389, 3389, 5900, 6379, 8080, 8443];

/** Random numbers of 32 bits (xorshift128). */
export class Chance {
  private a: number;
  private b = 362_436_069;
  private c = 521_288_629;
  private d = 88_675_123;

  constructor(seed: number) {
    this.a = (123_456_789 ^ Math.imul(seed, 0x9e3779b1)) | 0;
    for (let step = 0; step < 16; step++) this.next();
  }

  next(): number {
    let t = this.a ^ (this.a << 11);
    t ^= t >>> 8;
    this.a = this.b;
    this.b = this.c;
    this.c = this.d;
    this.d = this.d ^ (this.d >>> 19) ^ t;
    return this.d >>> 0;
  }

  /** From 0 to below 1. */
  share(): number {
    return this.next() / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.share() * count);
  }

  /** From 0 to below `count`; each power of two as likely as the next, so that a few come very often. */
  logUniform(count: number): number {
    return Math.min(count - 1, Math.floor((count + 1) ** this.share()) - 1);
  }
}

/** The address outside of that rank; none is private, none is in 203.0.113.0/24. */
export function outsider(rank: number): number {
  const network = Math.imul((rank % networks) + 1, 0x9e3779b1) >>> 8;
  const host = 1 + ((Math.floor(rank / networks) * 31 + network) % 254);
  const first = 11 + ((network >>> 16) % 212);
  const second = (network >>> 8) & 255;
  // Not the networks of documentation, and none that is private or special.
  const isOther = first === 127 || first === 172 || first === 192 || first === 203;
  return (((isOther ? first + 1 : first) << 24) | (second << 16) | ((network & 255) << 8) | host) >>> 0;
}

/** The address of an ENI. */
export function eniAddress(eni: number): number {
  return (0x0a000000 + ((eni >>> 7) << 8) + 4 + (eni & 127)) >>> 0;
}

export function eniId(eni: number): string {
  return `eni-${(eni * 1_679_617 + 78_364_164_096).toString(36).slice(0, 8)}`;
}

/**
 * By topic, the shares of its ENIs, each added to those before it. ENI 0 has 7 % of all traffic, the next half as much
 * together with its next, and so on.
 */
const sharesOfEnis = Array.from({ length: topics }, (_, topic) => {
  let sum = 0;
  return Float64Array.from({ length: enis / topics }, (_, place) => {
    const eni = place * topics + topic;
    return (sum += Math.log((eni + 2) / (eni + 1)) / Math.log(enis + 1));
  });
});

/** An ENI of a topic, by its place among the topic's. */
function eniOf(chance: Chance, shares: Float64Array): number {
  const wanted = chance.share() * shares.at(-1)!;
  let [low, high] = [0, shares.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shares[middle]! > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many records there are of each topic and window; the sums are `records`. */
function sizesOf(records: number): number[] {
  const chance = new Chance(1);
  const weights = Array.from({ length: topics * windows }, (_, place) => {
    const hour = Math.floor(place / topics / 6);
    // A day's rise and fall, and some unevenness.
    const ofDay = 1 + 0.5 * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + 0.2 * chance.share();
    return ofDay * sharesOfEnis[place % topics]!.at(-1)!;
  });
  const total = weights.reduce((sum, each) => sum + each, 0);
  let [given, sum] = [0, 0];
  return weights.map((weight) => {
    sum += weight;
    const upTo = Math.round((sum / total) * records);
    const size = upTo - given;
    given = upTo;
    return size;
  });
}

/** A batch and the topic that it is for, from 0. */
export interface Published {
  readonly topic: number;
  readonly batch: RecordBatch;
}

/** All batches in the order of their windows; from a window on, if one is given. */
export function* publications(records: number, fromWindow = 0, upToWindow = windows): Generator<Published> {
  const sizes = sizesOf(records);
  for (let window = fromWindow; window < upToWindow; window++) {
    for (let topic = 0; topic < topics; topic++) {
      const place = window * topics + topic;
      yield { topic, batch: batchOf(place, topic, window, sizes[place]!) };
    }
  }
}

const placements = Array.from({ length: topics }, (_, topic) =>
  Array.from({ length: enis / topics }, (_, place) => {
    const eni = place * topics + topic;
    return { id: eniId(eni), vpcId: `vpc-${String(topic).padStart(8, "0")}`, subnetId: `subnet-${String(eni >>> 7).padStart(8, "0")}` };
  }),
);

const reasons = [
  { layer: "security-group", direction: "ingress", action: "ACCEPT", id: "sg-0a0a0a0a", ruleIndex: 0, because: "rule" },
  { layer: "security-group", direction: "egress", action: "ACCEPT", id: "sg-0a0a0a0a", ruleIndex: 0, because: "rule" },
  { layer: "security-group", direction: "ingress", action: "REJECT", id: "sg-0a0a0a0a", ruleIndex: -1, because: "no-rule-matched" },
] as const;

function columns(count: number) {
  return {
    ...{ eni: new Uint32Array(count), family: new Uint8Array(count).fill(4), src: new Uint32Array(count), dst: new Uint32Array(count) },
    ...{ ipv6: new Uint8Array(0), srcPort: new Uint16Array(count), dstPort: new Uint16Array(count), protocol: new Uint8Array(count) },
    ...{ packets: new Float64Array(count), bytes: new Float64Array(count), start: new Uint32Array(count), end: new Uint32Array(count) },
    ...{ action: new Uint8Array(count), status: new Uint8Array(count).fill(StatusCode.OK), direction: new Uint8Array(count) },
    ...{ reason: new Uint32Array(count), skippedPackets: new Float64Array(count), skippedBytes: new Float64Array(count) },
  };
}

function batchOf(place: number, topic: number, window: number, count: number): RecordBatch {
  const chance = new Chance(place + 1000);
  const of = columns(count);
  const windowStart = beginSeconds + window * windowSeconds;
  // By ENI, and within one by start: both in one number.
  const order = new Float64Array(count);
  for (let row = 0; row < count; row++) order[row] = eniOf(chance, sharesOfEnis[topic]!) * windowSeconds + chance.below(windowSeconds);
  order.sort();
  for (let row = 0; row < count; row++) {
    const second = order[row]! % windowSeconds;
    of.eni[row] = Math.floor(order[row]! / windowSeconds);
    of.start[row] = windowStart + second;
    of.end[row] = windowStart + second + chance.logUniform(windowSeconds - second);
    fillFlow(of, row, of.eni[row]! * topics + topic, chance);
  }
  if (place % 52 === 7 && place / 52 < needles && count > 0) putNeedle(of, chance.below(count));
  return { id: `publication ${place}`, count, accountId: "1250000000", enis: placements[topic]!, reasons, ...of };
}

function fillFlow(of: ReturnType<typeof columns>, row: number, eni: number, chance: Chance): void {
  const dice = chance.next();
  const isRejected = dice % 20 === 0;
  const kind = (dice >>> 8) % 20;
  const mix = (dice >>> 16) % 100;
  const protocol = mix < 85 ? 6 : mix < 98 ? 17 : 1;
  const own = eniAddress(eni);
  const isEastWest = kind >= 16 && !isRejected;
  const other = isEastWest ? eniAddress(chance.logUniform(enis)) : outsider(chance.logUniform(outsiders));
  const isIngress = isRejected || kind < 10 || kind >= 18;
  // Of what leaves, half are answers.
  const isAnswer = !isRejected && kind >= 10 && kind < 14;
  const service = isRejected ? scanned[chance.below(scanned.length)]! : services[chance.below(services.length)]!;
  const ephemeral = 32_768 + chance.below(28_232);
  of.src[row] = isIngress ? other : own;
  of.dst[row] = isIngress ? own : other;
  of.srcPort[row] = protocol === 1 ? 0 : isAnswer ? service : ephemeral;
  of.dstPort[row] = protocol === 1 ? 0 : isAnswer ? ephemeral : service;
  of.protocol[row] = protocol;
  const packets = isRejected ? 1 + chance.below(3) : 1 + chance.logUniform(20_000);
  of.packets[row] = packets;
  of.bytes[row] = isRejected ? packets * (40 + 4 * chance.below(6)) : Math.floor(packets * (40 + 1460 * chance.share() ** 2));
  of.action[row] = isRejected ? ActionCode.REJECT : ActionCode.ACCEPT;
  of.direction[row] = isIngress ? DirectionCode.ingress : DirectionCode.egress;
  of.reason[row] = isRejected ? 2 : isIngress ? 0 : 1;
}

function putNeedle(of: ReturnType<typeof columns>, row: number): void {
  of[of.direction[row] === DirectionCode.ingress ? "src" : "dst"][row] = needle;
}

/** The records of a batch as lines, each with its end. */
export function linesOf(batch: RecordBatch): string {
  const lines: string[] = [];
  for (let row = 0; row < batch.count; row++) {
    const addresses = `${formatIpv4(batch.src[row]!)} ${formatIpv4(batch.dst[row]!)} ${batch.srcPort[row]} ${batch.dstPort[row]}`;
    const sums = `${batch.protocol[row]} ${batch.packets[row]} ${batch.bytes[row]} ${batch.start[row]} ${batch.end[row]}`;
    lines.push(`2 ${batch.accountId} ${batch.enis[batch.eni[row]!]!.id} ${addresses} ${sums} ${batch.action[row] === ActionCode.REJECT ? "REJECT" : "ACCEPT"} OK\n`);
  }
  return lines.join("");
}
