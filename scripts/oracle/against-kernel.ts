/**
 * One random network judged twice, by our judge and by the Linux kernel, packet by packet: the same verdict at every
 * ENI, and every rule of every layer deciding as often.
 */
import { spawn, spawnSync } from "node:child_process";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { readCapture } from "../../src/backend/traffic/capture-file.ts";
import type { Packet } from "../../src/backend/traffic/packet-batch.ts";
import { Judge } from "../../src/backend/vpc/judge.ts";
import type { Eni, Network } from "../../src/backend/vpc/network.ts";
import type { Offered } from "../../src/backend/vpc/packet-numbers.ts";
import type { TrackingSettings } from "../../src/backend/vpc/tracking-settings.ts";
import type { Verdict } from "../../src/backend/vpc/verdict.ts";
import { Chance } from "./chance.ts";
import { captureOf, frameOf, type PacketWords } from "./frames.ts";
import { randomNetwork, startMs } from "./random-network.ts";
import { endsOf, randomTraffic, type Sent } from "./random-traffic.ts";
import { decisionName, rulesetOf } from "./ruleset.ts";

/** What one case came to. */
export interface CaseResult {
  readonly packets: number;
  readonly verdicts: number;
  readonly rejected: number;
  readonly tracked: number;
  /** Empty where both agree. */
  readonly differences: readonly string[];
}

const script = fileURLToPath(new URL("kernel.py", import.meta.url));

/** Why the kernel cannot be asked here; undefined when it can. `isOurs`: something could be installed. */
export function kernelUnavailable(): { readonly words: string; readonly isOurs: boolean } | undefined {
  const unshared = spawnSync("unshare", ["-rn", "true"], { encoding: "utf8" });
  if (unshared.status !== 0) return { words: `unshare -rn: ${unshared.error?.message ?? unshared.stderr.trim()}`, isOurs: false };
  const missing = ["nft", "ip", "python3"].filter((tool) => spawnSync(tool, ["--help"]).error !== undefined);
  if (missing.length === 0) return undefined;
  return { words: `${missing.join(", ")} not found: install Debian's nftables, iproute2 and python3`, isOurs: true };
}

/** Seconds between bursts. Timeouts are whole seconds, so that no burst comes near to one. */
const burstSeconds = 1.4;
const bursts = 4;
/** Where a burst was held up for longer (by a busy machine), timeouts may have passed on one side only: tried again. */
const patienceSeconds = 0.3;
const tries = 8;

/** The timeouts of one case, in seconds: few enough to pass between bursts. */
function randomTimeouts(chance: Chance): Record<string, number> {
  const names = [
    "tcp_timeout_syn_sent",
    "tcp_timeout_syn_recv",
    "tcp_timeout_established",
    "tcp_timeout_fin_wait",
    "tcp_timeout_close_wait",
    "tcp_timeout_last_ack",
    "tcp_timeout_time_wait",
    "tcp_timeout_close",
    "udp_timeout",
    "udp_timeout_stream",
    "icmp_timeout",
    "gre_timeout",
    "gre_timeout_stream",
    "generic_timeout",
  ];
  return Object.fromEntries(names.map((name) => [name, chance.of([1, 2, 5])]));
}

function sysctls(seconds: Readonly<Record<string, number>>, picksUp: boolean): Record<string, number> {
  const timeouts = Object.fromEntries(Object.entries(seconds).map(([name, value]) => [`nf_conntrack_${name}`, value]));
  return {
    ...timeouts,
    nf_conntrack_icmpv6_timeout: seconds["icmp_timeout"]!,
    nf_conntrack_tcp_be_liberal: 1,
    nf_conntrack_tcp_loose: picksUp ? 1 : 0,
    // What only sequence numbers tell is switched off by being out of reach.
    nf_conntrack_tcp_timeout_max_retrans: 1000,
    nf_conntrack_tcp_timeout_unacknowledged: 1000,
    nf_conntrack_tcp_max_retrans: 255,
  };
}

function tracking(seconds: Readonly<Record<string, number>>, picksUpTcp: boolean): TrackingSettings {
  const ms = (name: string) => seconds[name]! * 1000;
  return {
    tcp: {
      synSent: ms("tcp_timeout_syn_sent"),
      synReceived: ms("tcp_timeout_syn_recv"),
      established: ms("tcp_timeout_established"),
      finWait: ms("tcp_timeout_fin_wait"),
      closeWait: ms("tcp_timeout_close_wait"),
      lastAck: ms("tcp_timeout_last_ack"),
      timeWait: ms("tcp_timeout_time_wait"),
      closed: ms("tcp_timeout_close"),
      // The kernel has no setting for this one.
      simultaneous: 120_000,
      unanswered: 1_000_000,
    },
    udp: ms("udp_timeout"),
    udpStream: ms("udp_timeout_stream"),
    icmp: ms("icmp_timeout"),
    gre: ms("gre_timeout"),
    greStream: ms("gre_timeout_stream"),
    other: ms("generic_timeout"),
    picksUpTcp,
    maxConnections: 100_000,
  };
}

interface Task {
  readonly enis: readonly { readonly addresses: readonly string[]; readonly nft: string }[];
  readonly sysctls: Readonly<Record<string, number>>;
  readonly packets: readonly { readonly at: number; readonly hops: readonly { readonly eni: number; readonly way: string; readonly frame: string }[] }[];
}

interface KernelAnswer {
  readonly packets: readonly { readonly at: number; readonly passed: readonly boolean[] }[];
  readonly counters: readonly Readonly<Record<string, number>>[];
}

/** Asks the kernel; a process of its own in namespaces of its own. */
function askKernel(task: Task): Promise<KernelAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn("unshare", ["-rn", "python3", script], { stdio: ["pipe", "pipe", "pipe"] });
    let [answer, complaint] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (answer += text.toString()));
    child.stderr.on("data", (text: Buffer) => (complaint += text.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(answer) as KernelAnswer);
      else reject(new Error(`the kernel's side ended with ${code}: ${complaint}`));
    });
    child.stdin.end(JSON.stringify(task));
  });
}

/** Runs the case of a seed. */
export async function runCase(seed: number, packets: number): Promise<CaseResult> {
  const chance = new Chance(seed);
  const { cloud, enis } = await randomNetwork(chance);
  const { network } = cloud.rooms;
  const seconds = randomTimeouts(chance);
  const picksUp = chance.percent(40);
  const sent = randomTraffic(chance, enis, packets, bursts);
  const task: Task = {
    enis: enis.map((eni) => ({ addresses: ownAddresses(eni), nft: rulesetOf(network, eni) })),
    sysctls: sysctls(seconds, picksUp),
    packets: sent.map(({ words, burst }, index) => ({ at: burst * burstSeconds, hops: hopsOf(words, index + 1, enis) })),
  };
  const answer = await answerInTime(task);
  const judged = await judge(network, tracking(seconds, picksUp), sent, answer);
  await cloud.close();
  return compare(enis, sent, answer, judged);
}

function ownAddresses(eni: Eni): string[] {
  return [...eni.privateAddresses.map(({ address }) => address), ...eni.ipv6Addresses];
}

async function answerInTime(task: Task): Promise<KernelAnswer> {
  for (let left = tries; left > 0; left--) {
    const answer = await askKernel(task);
    const isPunctual = answer.packets.every(({ at }, index) => at - task.packets[index]!.at < patienceSeconds);
    if (isPunctual) return answer;
  }
  throw new Error(`this machine is too busy: in ${tries} tries, bursts of packets were held up for more than ${patienceSeconds} s`);
}

/** The ENIs that a packet meets, each with the frame it meets there: its own end by the private address. */
function hopsOf(words: PacketWords, id: number, enis: readonly Eni[]): Task["packets"][number]["hops"] {
  const { eniOf } = endsOf(enis);
  const hop = (address: string, way: "egress" | "ingress") => {
    const eni = eniOf.get(address);
    if (eni === undefined) return [];
    const mac = Buffer.from([2, 0, 0, 0, eni, way === "egress" ? 1 : 2]);
    return [{ eni, way, frame: frameOf(asSeenAt(enis[eni]!, words, way), id, mac).toString("hex") }];
  };
  return [...hop(words.src, "egress"), ...hop(words.dst, "ingress")];
}

function asSeenAt(eni: Eni, words: PacketWords, way: "egress" | "ingress"): PacketWords {
  const own = (address: string) =>
    eni.privateAddresses.find(({ publicAddress }) => publicAddress !== "" && publicAddress === address)?.address ?? address;
  const ends = way === "egress" ? { src: own(words.src) } : { dst: own(words.dst) };
  const back = way === "egress" ? "ingress" : "egress";
  return { ...words, ...ends, quoted: words.quoted && asSeenAt(eni, words.quoted, back) };
}

/** Our side, from the same bytes: decoded as a capture's frames are. */
async function judge(network: Network, settings: TrackingSettings, sent: readonly Sent[], answer: KernelAnswer): Promise<Verdict[][]> {
  const ours = new Judge(network, { tracking: settings, withholdsAnswers: false });
  const capture = captureOf(sent.map(({ words }, index) => frameOf(words, index + 1, Buffer.alloc(6))));
  const packets: Packet[] = [];
  for await (const batch of readCapture(Readable.from([capture]), "frames").batches) {
    for (let place = 0; place < batch.count; place++) packets.push(batch.packet(place));
  }
  if (packets.length !== sent.length) throw new Error(`${sent.length - packets.length} of the frames are no packets`);
  return packets.map((each, index) => {
    const packet: Offered = { ...each, timeMs: startMs + answer.packets[index]!.at * 1000 };
    return [...ours.offer(packet).verdicts];
  });
}

function compare(enis: readonly Eni[], sent: readonly Sent[], answer: KernelAnswer, judged: readonly Verdict[][]): CaseResult {
  const differences: string[] = [];
  for (const [index, verdicts] of judged.entries()) {
    const ours = verdicts.map(({ action }) => action).join(" ");
    const theirs = answer.packets[index]!.passed.map((passed) => (passed ? "ACCEPT" : "REJECT")).join(" ");
    if (ours !== theirs) differences.push(`packet ${index}: judge ${ours}, kernel ${theirs}\n${history(sent, answer, judged, index)}`);
  }
  const all = judged.flat();
  const counts = tally(all);
  for (const [place, { id }] of enis.entries()) {
    const ours = counts.get(id) ?? new Map<string, number>();
    const theirs = answer.counters[place]!;
    for (const name of new Set([...ours.keys(), ...Object.keys(theirs)])) {
      const [one, other] = [ours.get(name) ?? 0, theirs[name] ?? 0];
      if (one !== other) differences.push(`${id} ${name}: decided ${one} times for the judge, ${other} for the kernel`);
    }
  }
  return {
    packets: sent.length,
    verdicts: all.length,
    rejected: all.filter(({ action }) => action === "REJECT").length,
    tracked: all.filter(({ reasons }) => reasons.some(({ because }) => because === "tracked" || because === "related")).length,
    differences,
  };
}

/** What went before between the two ends of a packet, for a person who looks for the reason of a difference. */
function history(sent: readonly Sent[], answer: KernelAnswer, judged: readonly Verdict[][], last: number): string {
  const about = ({ words }: Sent) => (words.quoted ?? words);
  const endsOfPacket = (each: Sent) => [about(each).src, about(each).dst].toSorted().join(" ");
  const ends = endsOfPacket(sent[last]!);
  const told = sent.slice(0, last + 1).flatMap((each, index) => {
    if (endsOfPacket(each) !== ends) return [];
    const { words } = each;
    const how = judged[index]!.map(({ action, direction, reasons }) => `${direction} ${action} ${reasons.map(({ layer, because, ruleIndex }) => `${layer} ${because} ${ruleIndex}`).join(", ")}`);
    const { src, dst, protocol, srcPort, dstPort, tcpFlags, icmpType, icmpCode, icmpId, quoted } = words;
    const line = `${src} ${dst} ${protocol} ports ${srcPort} ${dstPort} flags ${tcpFlags} icmp ${icmpType} ${icmpCode} ${icmpId}`;
    const quotes = quoted === undefined ? "" : ` quotes ${quoted.src} ${quoted.dst} ${quoted.protocol} ${quoted.srcPort} ${quoted.dstPort} ${quoted.icmpType}`;
    return [`    ${index} at ${answer.packets[index]!.at.toFixed(3)} ${line}${quotes}: ${how.join("; ")}; kernel ${answer.packets[index]!.passed.join(" ")}`];
  });
  return told.slice(-40).join("\n");
}

/** How often each rule decided, by ENI and the name that the ruleset counts under. */
function tally(verdicts: readonly Verdict[]): Map<string, Map<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const { seat, reasons } of verdicts) {
    const ofEni = counts.get(seat.eni.id) ?? new Map<string, number>();
    counts.set(seat.eni.id, ofEni);
    for (const { layer, direction, id, ruleIndex, because } of reasons) {
      // Without a group or ACL there is no rule that could count.
      const isUnbound = layer === "network-acl" ? seat.networkAcl === undefined : seat.securityGroups.length === 0;
      if (isUnbound) continue;
      const decision = because === "rule" ? ruleIndex : because === "related" ? "tracked" : because;
      const name = decisionName(layer, direction, because === "tracked" || because === "related" ? "" : id, decision);
      ofEni.set(name, (ofEni.get(name) ?? 0) + 1);
    }
  }
  return counts;
}
