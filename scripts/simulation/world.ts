/** What a seed does to a cloud: the steps, each taken through the API, and told to the re-count. */
import { VirtualClock } from "../../src/backend/clock.ts";
import { type Cloud, type CloudOptions, createCloud, type Disk } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import { Ledger } from "../../src/backend/ledger.ts";
import { Judge } from "../../src/backend/vpc/judge.ts";
import { Network } from "../../src/backend/vpc/network.ts";
import { Chance } from "../oracle/chance.ts";
import { Recount } from "./recount.ts";

/** When every simulation begins, a little before a window does. */
export const beginMs = Date.parse("2026-11-22T09:58:30Z");

const appId = "1250000000";

/** How a cloud is started again and again. */
export interface Start {
  readonly seed: number;
  readonly disk: Disk;
  readonly windowSeconds: number;
  readonly publishDelaySeconds: number;
  readonly maxFlows: number;
  readonly threads?: NonNullable<CloudOptions["threads"]>;
}

/** Ends that are no ENI's. */
export const outsiders = ["203.0.113.12", "198.51.100.77", "2001:db8:ff::7"] as const;

/** A cloud that is simulated, and those who watch it. */
export class World {
  readonly chance: Chance;
  readonly recount: Recount;
  readonly start: Start;
  cloud: Cloud;
  clock: VirtualClock;
  /** A network like the cloud's with a judge that is never restarted: whose verdicts the re-count takes. */
  readonly mirror: Network;
  readonly judge: Judge;
  vpcId = "";
  readonly subnetIds: string[] = [];
  readonly groupIds: string[] = [];
  readonly aclIds: string[] = [];
  readonly topicIds: string[] = [];
  /** How many packets have been offered. */
  packets = 0;
  private restarts = 0;
  private readonly mirrorLedger: Ledger;

  constructor(start: Start) {
    this.start = start;
    this.chance = new Chance(start.seed);
    this.recount = new Recount({ ...start, appId }, beginMs);
    this.mirrorLedger = new Ledger(":memory:");
    this.mirror = new Network(this.mirrorLedger);
    this.judge = new Judge(this.mirror);
    ({ cloud: this.cloud, clock: this.clock } = this.open());
  }

  private open(): { cloud: Cloud; clock: VirtualClock } {
    const { seed, ...start } = this.start;
    const clock = new VirtualClock(beginMs);
    const random = new SeededRandom(seed * 31 + this.restarts);
    return { clock, cloud: createCloud({ ...start, clock, random, appId }) };
  }

  /** Stops the cloud in good order, and starts it again. */
  async restart(): Promise<void> {
    await this.cloud.close();
    this.restarts++;
    ({ cloud: this.cloud, clock: this.clock } = this.open());
  }

  /** Time goes on for the cloud and for the re-count. */
  async moveTo(ms: number): Promise<void> {
    if (ms <= this.clock.nowMs()) return;
    await this.cloud.call("AdvanceClock", { ToMs: ms });
    this.recount.moveTo(ms);
  }

  /** Tells the mirror and the re-count what stands in the cloud now; to be called after each change. */
  reflect(): void {
    const { network, flowLogs } = this.cloud.rooms;
    for (const name of ["vpcs", "subnets", "enis", "securityGroups", "networkAcls"] as const) {
      const from = network[name] as unknown as { values(): Iterable<{ id: string }>; has(id: string): boolean };
      const to = this.mirror[name] as unknown as { values(): Iterable<{ id: string }>; put(id: string, item: object): void; delete(id: string): void };
      for (const item of from.values()) to.put(item.id, item);
      for (const { id } of [...to.values()]) if (!from.has(id)) to.delete(id);
    }
    const { recount } = this;
    recount.enis.clear();
    for (const { id, vpcId, subnetId, createdMs } of network.enis.values()) recount.enis.set(id, { id, vpcId, subnetId, createdMs });
    recount.flowLogs.clear();
    for (const { id, resourceId, trafficType, topicId, createdMs, enabled } of flowLogs.values()) {
      recount.flowLogs.set(id, { id, resourceId, trafficType, topicId, createdMs, isEnabled: enabled });
    }
  }

  async close(): Promise<void> {
    await this.cloud.close();
    this.mirrorLedger.close();
  }
}
