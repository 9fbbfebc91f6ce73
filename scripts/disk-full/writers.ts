/** Who writes to a backend whose disk fills up, and what must be there by what it answered. */
import { randomUUID } from "node:crypto";
import type { Cloud } from "../../src/backend/cloud.ts";
import { encodeChunk } from "../../src/backend/traffic/packet-chunk.ts";
import type { Client } from "../../src/client/client.ts";
import { credentialsInFolder } from "../../src/wire/local-backend.ts";
import { startMs } from "../../test/support/cloud.ts";
import { makeEni, makeFlowLog, makeSubnet, makeTopic, makeVpc } from "../../test/support/network.ts";
import { batchOf } from "../../test/support/packets.ts";
import { logGroup, uploadedLog, uploadTo } from "../../test/support/uploads.ts";
import type { Chance } from "../oracle/chance.ts";
import type { FullDiskRound } from "./full-disk.ts";

/** There for certain, in memory only and on its way, or either way after a kill. */
type State = "kept" | "pushed" | "may be";

/** Writes of all kinds, and what they were answered. */
export class Writers {
  private readonly chance: Chance;
  private readonly round: FullDiskRound;
  private client!: Client;
  private url = "";
  private topics = { uploads: "", records: "" };
  private readonly uploads = new Map<string, State>();
  /** By source port. */
  private readonly records = new Map<number, State>();
  private readonly vpcs = new Set<string>();
  private count = 0;

  constructor(chance: Chance, round: FullDiskRound) {
    this.chance = chance;
    this.round = round;
  }

  /** Calls this backend from now on. */
  async use({ client, url }: { readonly client: Client; readonly url: string }): Promise<void> {
    await (this.client as Client | undefined)?.close();
    this.client = client;
    this.url = url;
  }

  /** Makes what records come from and go to. */
  async settle(): Promise<void> {
    const cloud = this.client as unknown as Cloud;
    const vpc = await makeVpc(cloud);
    await makeEni(cloud, vpc, await makeSubnet(cloud, vpc, "172.31.1.0/24"), "172.31.1.10");
    this.topics = { uploads: await makeTopic(cloud, "uploads"), records: await makeTopic(cloud, "records") };
    await makeFlowLog(cloud, vpc, this.topics.records);
  }

  /** One write of any kind, that may be refused because the disk is full, and for no other reason. */
  async write(): Promise<void> {
    await this.chance.weighted<() => Promise<void>>([
      [4, () => this.tried("refusedUploads", () => this.upload())],
      [4, () => this.tried("refusedCalls", () => this.makeVpc())],
      [3, () => this.tried("refusedCalls", () => this.push())],
      [3, () => this.tried("refusedPublications", () => this.publish(120))],
      [1, () => this.tried("refusedPublications", () => this.publish(2 * 3600))],
    ])();
  }

  /** Space was freed: every kind of write is done again. */
  async goOn(): Promise<void> {
    await this.upload();
    await this.makeVpc();
    await this.push();
    await this.publish(120);
  }

  private async tried(counted: "refusedUploads" | "refusedCalls" | "refusedPublications", work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.round.acknowledged++;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code !== "ResourceInsufficient" || !message.includes("full")) throw error;
      this.round[counted]++;
    }
  }

  private async upload(): Promise<void> {
    const id = `n${this.count++}`;
    const filler = "x".repeat(this.chance.of([0, 200, 5000, 60_000]));
    const body = logGroup([uploadedLog(1_795_341_600, [["id", id], ["filler", filler]])]);
    const credentials = credentialsInFolder(process.argv[2]! + "/data")!;
    await uploadTo(this.url.replace("http://", ""), credentials, body, this.topics.uploads);
    this.uploads.set(id, "kept");
  }

  private async makeVpc(): Promise<void> {
    const { Vpc } = await this.client.call("CreateVpc", { VpcName: `v${this.count++}`, CidrBlock: "10.0.0.0/16" });
    this.vpcs.add(Vpc.VpcId);
    if (this.vpcs.size < 20 || !this.chance.percent(50)) return;
    const VpcId = this.chance.of([...this.vpcs]);
    await this.client.call("DeleteVpc", { VpcId });
    this.vpcs.delete(VpcId);
  }

  private async push(): Promise<void> {
    const { NowMs } = await this.client.call("DescribeClock", {});
    const sport = 1000 + this.count++;
    const batch = batchOf({ src: "203.0.113.12", dst: "172.31.1.10", sport, dport: 22, flags: "S", at: (NowMs - startMs) / 1000 });
    // Counted in memory before the call is answered: a refusal leaves open whether it was.
    this.records.set(sport, "may be");
    await this.client.pushPackets(encodeChunk({ replayId: randomUUID().replaceAll("-", ""), number: 0, notIp: 0, undecodable: 0, batch }));
    this.records.set(sport, "pushed");
  }

  private async publish(seconds: number): Promise<void> {
    await this.client.call("AdvanceClock", { Seconds: seconds });
    for (const [port, state] of this.records) if (state === "pushed") this.records.set(port, "kept");
  }

  /** The backend was ended; what was in memory only is gone where that could not be kept. */
  lost(isLost: boolean): void {
    if (isLost) for (const [port, state] of this.records) if (state === "pushed") this.records.set(port, "may be");
  }

  /** Reads everything, and holds it against what was answered. */
  async look(): Promise<void> {
    const { failures } = this.round;
    const uploads = (await this.found(this.topics.uploads)).map((log) => (JSON.parse(log) as { id: string }).id);
    const ports = (await this.found(this.topics.records)).flatMap((log) => {
      const { srcport } = JSON.parse(log) as { srcport: string };
      return srcport === "-" ? [] : Number(srcport);
    });
    compare("upload", uploads, this.uploads, failures);
    compare("record", ports, this.records, failures);
    const vpcs = new Set<string>();
    for await (const { VpcId, VpcName } of this.client.items("DescribeVpcs", {})) if (VpcName.startsWith("v")) vpcs.add(VpcId);
    for (const id of this.vpcs) if (!vpcs.has(id)) failures.push(`${id} was acknowledged and is not there`);
    for (const id of vpcs) if (!this.vpcs.has(id)) failures.push(`${id} was refused, or deleted, and is there`);
    this.round.reads++;
  }

  private async found(TopicId: string): Promise<string[]> {
    const logs: string[] = [];
    for (let Offset = 0; ; Offset += 1000) {
      const { Results, ListOver } = await this.client.call("SearchLog", { TopicId, From: 0, To: Number.MAX_SAFE_INTEGER, Limit: 1000, Offset });
      logs.push(...Results!.map(({ LogJson }) => LogJson));
      if (ListOver) break;
    }
    this.round.logs += logs.length;
    return logs;
  }
}

function compare<K>(what: string, found: readonly K[], expected: ReadonlyMap<K, State>, failures: string[]): void {
  const counts = new Map<K, number>();
  for (const each of found) counts.set(each, (counts.get(each) ?? 0) + 1);
  for (const [key, count] of counts) {
    if (count > 1) failures.push(`${what} ${String(key)} is there ${count} times`);
    if (!expected.has(key)) failures.push(`${what} ${String(key)} was refused and is there`);
  }
  for (const [key, state] of expected) {
    if (state === "kept" && !counts.has(key)) failures.push(`${what} ${String(key)} was acknowledged and is not there`);
  }
}

