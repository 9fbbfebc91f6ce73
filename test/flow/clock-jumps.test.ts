/** A clock that jumps: every window is published once, nothing is counted twice, nothing is lost in silence. */
import { describe, expect, test } from "vitest";
import type { Clock, Due } from "../../src/backend/clock.ts";
import { Aggregation, type Sighting } from "../../src/backend/flow/aggregate.ts";
import type { FlowLog } from "../../src/backend/flow/flow-log.ts";
import { StatusCode, type RecordBatch } from "../../src/backend/record-batch.ts";

/** A real clock as a machine may have it: it can be set, forwards and back. */
class SettableClock implements Clock {
  readonly kind = "real";
  private ms: number;
  private appointment: { atMs: number; due: Due } | undefined;

  constructor(ms: number) {
    this.ms = ms;
  }

  nowMs(): number {
    return this.ms;
  }

  at(atMs: number, due: Due): () => void {
    const made = { atMs, due };
    this.appointment = made;
    return () => {
      if (this.appointment === made) this.appointment = undefined;
    };
  }

  /** Sets the clock; what is due by then happens, with the clock already there. */
  async set(ms: number): Promise<void> {
    this.ms = ms;
    for (let next = this.appointment; next !== undefined && next.atMs <= ms; next = this.appointment) {
      this.appointment = undefined;
      await next.due();
    }
  }
}

const minute = 60_000;
const startMs = Date.parse("2026-11-22T10:00:00Z");
const eni = { id: "eni-12345678", vpcId: "vpc-1", subnetId: "subnet-1", createdMs: 0 };
const watching: FlowLog = {
  ...{ id: "fl-1", name: "", description: "", vpcId: "vpc-1", resourceType: "VPC", resourceId: "vpc-1", trafficType: "ALL" },
  ...{ topicId: "topic", topicRegion: "", enabled: true, tags: {}, createdMs: startMs },
};

function world(flowLog = watching) {
  const clock = new SettableClock(startMs);
  const batches: RecordBatch[] = [];
  let isRefusing = false;
  const aggregation = new Aggregation(
    { accountId: "1250000000", windowSeconds: 600, publishDelaySeconds: 300, maxFlows: 100, life: "one" },
    {
      clock,
      flowLogs: () => [flowLog],
      flowLogsRevision: () => 1,
      enis: () => [eni],
      publish: (_topicId, batch) => {
        if (isRefusing) throw new Error("no space left");
        batches.push(batch);
      },
    },
  );
  const count = (timeMs: number) => aggregation.count(packetAt(timeMs));
  return { clock, batches, count, aggregation, refuse: (refusing: boolean) => (isRefusing = refusing) };
}

function packetAt(timeMs: number): Sighting {
  const reason = { layer: "security-group", direction: "ingress", action: "ACCEPT", id: "sg-1", ruleIndex: 0, because: "rule" } as const;
  const tuple = { srcAddr: "203.0.113.12", dstAddr: "172.31.16.10", srcPort: 40_000, dstPort: 22, protocol: 6 };
  return { ...tuple, eni, direction: "ingress", action: "ACCEPT", reason, bytes: 60, timeMs };
}

/** What was published: `OK 2 packets at 600`, seconds after the start. */
function told(batches: readonly RecordBatch[]): string[] {
  const names = ["OK", "NODATA", "SKIPDATA"];
  return batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, row) => {
      const status = batch.status[row]!;
      const packets = status === StatusCode.OK ? batch.packets[row]! : batch.skippedPackets[row]!;
      return `${names[status]} ${packets} packets at ${batch.start[row]! - startMs / 1000}`;
    }),
  );
}

describe("a clock that jumps ahead", () => {
  test("publishes every window on the way", async () => {
    const { clock, batches, count } = world();
    count(startMs + minute);
    await clock.set(startMs + 45 * minute);
    expect(told(batches)).toEqual(["OK 1 packets at 60", ...[600, 1200, 1800].map((at) => `NODATA 0 packets at ${at}`)]);
    expect(count(startMs + 2 * minute)).toBe("skipped");
    expect(count(startMs + 44 * minute)).toBe("captured");
  });

  test("by years, tells of what was summed and of the latest thousand windows without traffic", async () => {
    const { clock, batches, count } = world();
    count(startMs + minute);
    await clock.set(startMs + 3 * 365 * 24 * 60 * minute);
    const lines = told(batches);
    expect(lines.filter((line) => line.startsWith("OK"))).toEqual(["OK 1 packets at 60"]);
    expect(lines.filter((line) => line.startsWith("NODATA"))).toHaveLength(1001);
  });
});

describe("a clock that is set back", () => {
  test("by less than a window changes nothing", async () => {
    const { clock, batches, count } = world();
    await clock.set(startMs + 15 * minute);
    await clock.set(startMs + 14 * minute);
    expect(count(startMs + minute)).toBe("skipped");
    await clock.set(startMs + 25 * minute);
    expect(told(batches)).toEqual(["NODATA 0 packets at 0", "SKIPDATA 1 packets at 0", "NODATA 0 packets at 600"]);
  });

  test("by hours opens its windows again, under names of their own", async () => {
    const { clock, batches, count } = world();
    count(startMs + minute);
    await clock.set(startMs + 15 * minute);
    await clock.set(startMs + 5 * 60 * minute);
    const before = batches.length;
    await clock.set(startMs + 2 * minute);
    expect(count(startMs + 2 * minute)).toBe("captured");
    await clock.set(startMs + 15 * minute);
    expect(told(batches.slice(before))).toEqual(["OK 1 packets at 120"]);
    expect(new Set(batches.map(({ id }) => id)).size).toBe(batches.length);
  });
});

test("packets from far ahead of the clock are skipped, and told of with the next publication", async () => {
  const { clock, batches, count } = world();
  expect(count(startMs + 19 * minute)).toBe("captured");
  expect(count(startMs + 20 * minute)).toBe("skipped");
  await clock.set(startMs + 15 * minute);
  expect(told(batches)).toEqual(["SKIPDATA 1 packets at 1200", "NODATA 0 packets at 0"]);
});

test("packets that come too late for many windows are told of between publications, each exactly once", async () => {
  const { batches, count, aggregation } = world({ ...watching, createdMs: 0 });
  for (let window = 1; window <= 10_001; window++) expect(count(startMs - (window + 1) * 10 * minute)).toBe("skipped");
  await aggregation.relieve();
  expect(told(batches)).toHaveLength(10_001);
  await aggregation.relieve();
  expect(batches).toHaveLength(1);
});

test("what could not be published is published with the next window, under the same name, and not twice", async () => {
  const { clock, batches, count, refuse } = world();
  count(startMs + minute);
  refuse(true);
  await expect(clock.set(startMs + 15 * minute)).rejects.toThrow("no space left");
  refuse(false);
  await clock.set(startMs + 25 * minute);
  expect(told(batches)).toEqual(["OK 1 packets at 60", "NODATA 0 packets at 600"]);
  expect(batches.map(({ id }) => id)).toEqual([`one 600s ${startMs / 1000}`, `one 600s ${startMs / 1000 + 600}`]);
});
