/**
 * `npm run bench -- verdicts`: packets through the whole path (offered, decided, captured, summed), once without any flow
 * log and once with one on the whole VPC: what watching costs. Writes its section of docs/benchmarks.md.
 */
import { parseArgs } from "node:util";
import { VirtualClock } from "../../src/backend/clock.ts";
import { createCloud } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import { PacketBatch } from "../../src/backend/traffic/packet-batch.ts";
import { parseIpv4 } from "../../src/net/address.ts";
import { Chance } from "../oracle/chance.ts";
import { markdownTable, median, provenance, writeSection } from "../report.ts";
import { addressOf, enis, groups, pathOf, rulesPerGroup, world } from "./verdict-world.ts";

const startMs = Date.parse("2026-11-22T10:00:00Z");
const chunkPackets = 100_000;

interface Options {
  readonly connections: number;
  readonly chunks: number;
  readonly rounds: number;
}

/** Measures and writes. */
export async function run(options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { connections: { type: "string", default: "100000" }, chunks: { type: "string", default: "10" }, rounds: { type: "string", default: "5" } },
  });
  const sizes: Options = { connections: Number(values.connections), chunks: Number(values.chunks), rounds: Number(values.rounds) };
  const batches = traffic(sizes);
  const seconds: Record<"without" | "with", number[]> = { without: [], with: [] };
  // In turns, so that what else the machine does falls on both alike; the first round only warms up.
  for (let round = 0; round <= sizes.rounds; round++) {
    for (const side of round % 2 === 0 ? (["without", "with"] as const) : (["with", "without"] as const)) {
      const taken = await once(batches, side === "with");
      if (round > 0) seconds[side].push(taken);
    }
  }
  report(seconds, sizes);
}

async function once(batches: readonly PacketBatch[], isWatched: boolean): Promise<number> {
  const cloud = await world({ createCloud, VirtualClock, SeededRandom }, isWatched, startMs);
  globalThis.gc?.();
  const begin = performance.now();
  for (const [number, batch] of batches.entries()) {
    await pathOf(cloud).offerChunk({ replayId: "00".repeat(16), number, notIp: 0, undecodable: 0, batch });
  }
  const seconds = (performance.now() - begin) / 1000;
  const { accepted, rejected, unwatched } = cloud.rooms.packets.total;
  if (unwatched !== (isWatched ? 0 : accepted + rejected)) throw new Error(`${unwatched} packets were unwatched`);
  await cloud.close();
  return seconds;
}

/** TCP connections from outside to the ENIs: handshakes first, then data both ways, in random order. */
function traffic({ connections, chunks }: Options): PacketBatch[] {
  const chance = new Chance(7);
  const stage = new Uint8Array(connections);
  return Array.from({ length: chunks }, (_, chunk) => {
    const batch = new PacketBatch();
    for (let index = 0; index < chunkPackets; index++) {
      const connection = (chunk * chunkPackets + index) % 3 === 0 ? Math.floor((chunk * chunkPackets + index) / 3) % connections : chance.below(connections);
      append(batch, connection, stage[connection]!++ & 0xff, startMs + chunk * 1000 + Math.floor(index / 100));
    }
    return batch;
  });
}

function append(batch: PacketBatch, connection: number, stage: number, timeMs: number): void {
  const at = batch.add();
  const { view } = batch;
  const [outside, inside] = [parseIpv4("203.0.0.0")! + (connection >>> 4), parseIpv4(addressOf(connection % enis))!];
  const [port, service] = [32_768 + (connection % 28_000), [22, 80, 443, 8080, 50_000][connection % 5]!];
  const isAnswer = stage % 2 === 1;
  view.setUint32(at, isAnswer ? inside : outside);
  view.setUint32(at + 4, isAnswer ? outside : inside);
  view.setUint16(at + 8, isAnswer ? service : port);
  view.setUint16(at + 10, isAnswer ? port : service);
  view.setUint8(at + 12, 6);
  view.setUint8(at + 13, stage === 0 ? 2 : stage === 1 ? 18 : 16);
  view.setUint32(at + 16, 40 + (stage % 1400), true);
  view.setUint32(at + 20, Math.floor(timeMs / 1000), true);
  view.setUint32(at + 24, (timeMs % 1000) * 1e6, true);
}

function report(seconds: Readonly<Record<"without" | "with", number[]>>, { connections, chunks, rounds }: Options): void {
  const packets = chunks * chunkPackets;
  const row = (name: string, taken: readonly number[]) => [name, median(taken).toFixed(2), (packets / median(taken) / 1e6).toFixed(2), Math.min(...taken).toFixed(2)];
  const ratio = median(seconds.with) / median(seconds.without);
  const best = Math.min(...seconds.with) / Math.min(...seconds.without);
  const text = [
    provenance("npm run bench -- verdicts"),
    `${(packets / 1e6).toFixed(1)} M packets of ${connections.toLocaleString("en")} TCP connections to ${enis} ENIs, each with ${groups} groups of ` +
      `${rulesPerGroup} rules, half of them behind an ACL; ${rounds} rounds in turns after one to warm up. With a flow log, every packet is ` +
      "also summed for its flow.",
    markdownTable(["verdicts", "seconds (median)", "M packets/s", "seconds (best)"], [row("without a flow log", seconds.without), row("with a flow log on the VPC", seconds.with)]),
    `Ratio of the medians: **${ratio.toFixed(2)}** (best runs: ${best.toFixed(2)}); wanted: at most 1.2.`,
  ].join("\n\n");
  console.log(text);
  writeSection("docs/benchmarks.md", "verdicts", "What flow logs cost the verdict path", text);
}
