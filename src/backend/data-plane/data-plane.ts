/**
 * The data plane: packets come in, are judged and summed, and records go out when their windows are due.
 *
 * It joins `vpc/`, `flow/` and the packet path. It runs in the thread that answers requests or, with the same results,
 * in one of its own (`data-plane-thread.ts`).
 */
import type { Clock } from "../clock.ts";
import { Aggregation, type AggregationSettings, type SavedAggregation } from "../flow/aggregate.ts";
import type { FlowLog } from "../flow/flow-log.ts";
import type { Collection } from "../ledger.ts";
import { PacketPath, type SavedPath } from "../packet-path.ts";
import type { PathCounts } from "../path-counts.ts";
import type { RecordBatch } from "../record-batch.ts";
import { decodeChunk } from "../traffic/packet-chunk.ts";
import { Judge, type SavedJudge } from "../vpc/judge.ts";
import type { Network } from "../vpc/network.ts";
import type { Offered } from "../vpc/packet-numbers.ts";
import type { Verdict } from "../vpc/verdict.ts";

/** How packets are judged and summed. */
export interface DataPlaneSettings extends AggregationSettings {
  /** Where Windows instances activate their licence: that traffic is left out. */
  readonly activationAddress: string;
  /** Whether packets that repeat others take a short way to the same result. */
  readonly shortcuts: boolean;
}

/** What the data plane asks of the rest of the cloud. */
export interface DataPlaneSurroundings {
  readonly clock: Clock;
  readonly network: Network;
  readonly flowLogs: Collection<FlowLog>;
  /** Hands records over to a topic; the batch's id is never used twice for a topic. */
  readonly publish: (topicId: string, batch: RecordBatch) => void | Promise<void>;
}

/** The sums of windows that are open, the connections that are tracked and what is known of replays, as plain values. */
export interface SavedDataPlane {
  readonly aggregation: SavedAggregation;
  readonly judge: SavedJudge;
  /** Not there in data folders that are a little older. */
  readonly path?: SavedPath;
}

/** What became of a chunk. */
export interface Offering {
  readonly chunk: number;
  readonly counts: PathCounts;
}

/** Where packets enter the cloud. */
export interface DataPlane {
  /** What became of all packets of chunks that were answered. */
  readonly total: Readonly<PathCounts>;
  /** Offers the packets of a chunk; the same chunk sent again is answered again and counted once. */
  offerChunk(body: Uint8Array): Promise<Offering>;
  /** The verdicts on a packet that opened a new connection now; nothing is remembered or counted. */
  whatIf(packet: Offered): Verdict[];
  /** How many records the open windows would give a topic. */
  pendingRecords(topicId: string): Promise<number>;
  /** What it holds now; undefined where it never held anything. */
  save(): Promise<SavedDataPlane | undefined>;
  /** Publishes nothing any more but what was not taken before; rejects where it is not taken now either. */
  finish(): Promise<void>;
  /** Lets go of what it works with; after {@link finish}. */
  close(): Promise<void>;
}

/** The data plane in the thread that made it. */
export class DataPlaneHere implements DataPlane {
  readonly path: PacketPath;
  private readonly aggregation: Aggregation;
  private readonly judge: Judge;

  /** `saved`: what one before it held. */
  constructor(settings: DataPlaneSettings, around: DataPlaneSurroundings, saved: SavedDataPlane | undefined) {
    const { clock, network, flowLogs, publish } = around;
    this.aggregation = new Aggregation(settings, {
      clock,
      flowLogs: () => flowLogs.values(),
      flowLogsRevision: () => flowLogs.revision,
      enis: () => network.enis.values(),
      publish,
    });
    this.judge = new Judge(network);
    this.path = new PacketPath(this.judge, this.aggregation, clock, settings.activationAddress, settings.shortcuts);
    if (saved === undefined) return;
    this.aggregation.restore(saved.aggregation);
    this.judge.restore(saved.judge);
    if (saved.path !== undefined) this.path.restore(saved.path);
  }

  get total(): Readonly<PathCounts> {
    return this.path.total;
  }

  async offerChunk(body: Uint8Array): Promise<Offering> {
    const chunk = decodeChunk(body);
    return { chunk: chunk.number, counts: await this.path.offerChunk(chunk) };
  }

  whatIf(packet: Offered): Verdict[] {
    return this.judge.whatIf(packet);
  }

  async pendingRecords(topicId: string): Promise<number> {
    return this.pending().get(topicId) ?? 0;
  }

  /** How many records the open windows would give each topic. */
  pending(): ReadonlyMap<string, number> {
    return this.aggregation.pendingRecords();
  }

  async save(): Promise<SavedDataPlane> {
    return { aggregation: this.aggregation.save(), judge: this.judge.save(), path: this.path.save() };
  }

  finish(): Promise<void> {
    this.aggregation.stop();
    return this.aggregation.send();
  }

  async close(): Promise<void> {
    // It holds nothing but memory.
  }
}
