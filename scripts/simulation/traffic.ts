/** Packets that a simulation offers, and what the re-count makes of each. */
import { parseIpv4, parseIpv6 } from "../../src/net/address.ts";
import { Form, PacketBatch, packetBytes } from "../../src/backend/traffic/packet-batch.ts";
import { encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";
import type { OfferCounts } from "../../src/wire/flowlogs.ts";
import { outsiders, type World } from "./world.ts";

interface Words {
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
  readonly flags: number;
  readonly bytes: number;
  readonly timeMs: number;
  /** DHCP or licence activation: in no record. */
  readonly isLeftOut: boolean;
}

const ports = [22, 53, 80, 443, 5000] as const;

/** Offers a chunk of packets, sometimes the same one twice, and has the re-count follow. */
export async function pushTraffic(world: World): Promise<void> {
  const { chance } = world;
  const words = chance.many(1, 40, () => randomPacket(world));
  world.packets += words.length;
  const batch = new PacketBatch();
  for (const each of words) append(batch, each);
  const replayId = Buffer.from(Array.from({ length: 16 }, () => chance.below(256))).toString("hex");
  const chunk = encodeChunk({ replayId, number: 0, notIp: 0, undecodable: 0, batch });
  const answer = await world.cloud.pushPackets(chunk);
  const repeated = chance.percent(10) ? await world.cloud.pushPackets(chunk) : answer;
  const { Chunk: _, ...counts } = answer;
  const expected = recount(world, words, batch);
  for (const [name, count] of Object.entries(expected)) {
    if (counts[name as keyof OfferCounts] !== count) {
      throw new Error(`${name}: ${counts[name as keyof OfferCounts]} answered, ${count} by the re-count`);
    }
  }
  if (JSON.stringify(repeated) !== JSON.stringify(answer)) throw new Error("the same chunk was answered differently");
}

function randomPacket(world: World): Words {
  const { chance, start } = world;
  const addresses = [...world.cloud.rooms.network.enis.values()].flatMap(({ privateAddresses, ipv6Addresses }) => [privateAddresses[0]!.address, ipv6Addresses[0]!]);
  const [src, dst] = randomEnds(world, [...addresses, ...addresses, ...outsiders, "192.0.2.200"]);
  const nowMs = world.clock.nowMs();
  const spanMs = start.windowSeconds * 1000;
  const timeMs = chance.weighted([
    [60, nowMs - chance.below(20_000)],
    [15, nowMs - chance.below(spanMs)],
    [10, nowMs + chance.below(Math.floor(spanMs / 10))],
    [8, nowMs - chance.below(spanMs * 3)],
    [2, nowMs + chance.below(spanMs)],
  ]);
  const common = { src, dst, flags: 0, bytes: 28 + chance.below(1400), timeMs, isLeftOut: false };
  if (!src.includes(":") && chance.percent(4)) {
    if (chance.percent(50)) return { ...common, protocol: 17, sport: 67, dport: 68, isLeftOut: true };
    return { ...common, dst: "169.254.0.55", protocol: 6, sport: 49_000, dport: 1688, flags: 2, isLeftOut: true };
  }
  const protocol = chance.of([6, 6, 17, 17, src.includes(":") ? 58 : 1, 47]);
  if (protocol === 1 || protocol === 58) return { ...common, protocol, sport: 0, dport: 0 };
  if (protocol === 47) return { ...common, protocol, sport: 0, dport: 0 };
  return { ...common, protocol, sport: chance.of(ports), dport: chance.of(ports), flags: chance.of([2, 2, 18, 16, 17, 4]) };
}

function randomEnds({ chance }: World, addresses: readonly string[]): [string, string] {
  for (;;) {
    const [src, dst] = [chance.of(addresses), chance.of(addresses)];
    if (src !== dst && src.includes(":") === dst.includes(":")) return [src, dst];
  }
}

function append(batch: PacketBatch, words: Words): void {
  const at = batch.add();
  const { view } = batch;
  const isIpv6 = words.src.includes(":");
  for (const [offset, address] of [[0, words.src], [4, words.dst]] as const) {
    if (isIpv6) view.setUint32(at + offset, batch.ipv6.place(Buffer.from(parseIpv6(address)!.toString(16).padStart(32, "0"), "hex")), true);
    else view.setUint32(at + offset, parseIpv4(address)!);
  }
  const isIcmp = words.protocol === 1 || words.protocol === 58;
  view.setUint16(at + 8, isIcmp ? 7 : words.sport);
  if (isIcmp) view.setUint8(at + 10, words.bytes % 2 === 0 ? (isIpv6 ? 128 : 8) : isIpv6 ? 129 : 0);
  else view.setUint16(at + 10, words.dport);
  view.setUint8(at + 12, words.protocol);
  view.setUint8(at + 13, words.flags);
  view.setUint8(at + 14, isIpv6 ? Form.ipv6 : 0);
  view.setUint32(at + 16, words.bytes, true);
  view.setUint32(at + 20, Math.floor(words.timeMs / 1000), true);
  view.setUint32(at + 24, (words.timeMs % 1000) * 1e6, true);
}

/** What the chunk's answer must be, every packet told to the re-count. */
function recount(world: World, words: readonly Words[], batch: PacketBatch): Record<keyof OfferCounts, number> {
  const counts = { Read: 0, Matched: 0, Unmatched: 0, Undecodable: 0, Offered: 0, Accepted: 0, Rejected: 0, Withheld: 0, LeftOut: 0, Unwatched: 0, Skipped: 0 };
  if (batch.bytes.length < words.length * packetBytes) throw new Error("a packet is missing");
  for (const [place, each] of words.entries()) {
    world.recount.moveTo(each.timeMs);
    counts.Read++;
    const enis = [each.src, each.dst].flatMap((address) => eniAt(world, address));
    if (enis.length === 0) counts.Unmatched++;
    else counts.Matched++;
    if (each.isLeftOut) {
      counts.Offered += enis.length;
      counts.LeftOut += enis.length;
      for (const eni of enis) world.recount.leaveOut(eni, each.timeMs);
      continue;
    }
    const outcome = world.judge.offer(batch.packet(place));
    if (outcome.withheldAt !== undefined) {
      counts.Offered++;
      counts.Withheld++;
    }
    for (const { seat, direction, action, reasons } of outcome.verdicts) {
      counts.Offered++;
      counts[action === "ACCEPT" ? "Accepted" : "Rejected"]++;
      const group = reasons.find(({ layer }) => layer === "security-group");
      const { layer, id, ruleIndex, because } = action === "REJECT" ? reasons.at(-1)! : group!;
      const { vpcId, subnetId } = seat.eni;
      const tuple = `${each.src} ${each.dst} ${each.sport} ${each.dport} ${each.protocol}`;
      const { timeMs, bytes } = each;
      const reason = `${layer} ${id} ${ruleIndex} ${because}`;
      const became = world.recount.see({ eniId: seat.eni.id, vpcId, subnetId, timeMs, bytes, tuple, direction, action, reason });
      if (became === "unwatched") counts.Unwatched++;
      if (became === "skipped") counts.Skipped++;
    }
  }
  return counts;
}

function eniAt(world: World, address: string): string[] {
  const found = [...world.mirror.enis.values()].find(
    ({ privateAddresses, ipv6Addresses }) => privateAddresses.some((each) => each.address === address) || ipv6Addresses.includes(address),
  );
  return found === undefined ? [] : [found.id];
}
