/**
 * The reference cloud: builds the rooms, joins them, and answers actions. In-process tests start here.
 *
 * Time, chance and disk are handed in; nothing here reaches for the real ones. A server (`server/`) puts it on a socket.
 */
import { findAction, type ActionName, type ActionRequest, type ActionResponse, type Call } from "../wire/actions.ts";
import { readRequest } from "../wire/action.ts";
import { ApiError } from "../wire/errors.ts";
import { handlers } from "./actions/handlers.ts";
import type { Handler } from "./actions/action.ts";
import { uploadLog } from "./actions/cls/upload-log.ts";
import { pushPackets } from "./actions/flowlogs/push-packets.ts";
import { CallMemory } from "./call-memory.ts";
import { type Clock, VirtualClock } from "./clock.ts";
import { type DataPlane, DataPlaneHere, type DataPlaneSurroundings, type SavedDataPlane } from "./data-plane/data-plane.ts";
import { DataPlaneThread } from "./data-plane/data-plane-thread.ts";
import type { FlowLog } from "./flow/flow-log.ts";
import { assumedActivationAddress } from "./flow/left-out.ts";
import { newUuid, type Random } from "./ids.ts";
import { type Collection, Ledger, LedgerFull } from "./ledger.ts";
import { Logs, TooManySearches } from "./logs/logs.ts";
import { EmbeddedStore } from "./logs/duckdb/embedded-store.ts";
import { type LogStore, QueryFailure, SearchTooSlow, StoreFailure, StoreFull } from "./logs/log-store.ts";
import { storeOwner } from "./logs/store-owner.ts";
import { storeThread } from "./logs/store-thread.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { CallContext, Rooms, Setting } from "./rooms.ts";
import { Network } from "./vpc/network.ts";

/** Where the cloud keeps what must outlive it. */
export interface Disk {
  /** A path for one of the cloud's files, or `:memory:` when nothing is to be kept. */
  path(file: string): string;
  /** The folder as a person reads it; empty when nothing is kept. */
  readonly folder: string;
}

/** A disk that keeps nothing. */
export const memoryDisk: Disk = { path: () => ":memory:", folder: "" };

/** What a cloud is made with. */
export interface CloudOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk?: Disk;
  /** The account's APPID, the `account-id` of every record. */
  readonly appId?: string;
  readonly region?: string;
  /** Seconds of a capture window: 600, 300 or 60. */
  readonly windowSeconds?: number;
  /** Seconds from a window's end until its records can be found. */
  readonly publishDelaySeconds?: number;
  /** Most flows summed at one time; what finds no room is skipped and counted. */
  readonly maxFlows?: number;
  /** Where Windows instances activate their licence: that traffic is left out. */
  readonly activationAddress?: string;
  readonly version?: string;
  /**
   * Works on packets and on logs in a thread each, beside the one that answers, with the same results; `died` hears of a
   * thread that ends by itself. Without it everything is done in this thread.
   */
  readonly threads?: { readonly died: (error: Error) => void };
  /** Makes the log store, which belongs to the control plane that is named; without it an embedded one is made on the disk. */
  readonly store?: (owner: string) => LogStore;
  /** Whether packets that repeat others take a short way to the same result; true. For tests that compare both ways. */
  readonly shortcuts?: boolean;
}

/** The region of calls that name none. */
export const defaultRegion = "ap-guangzhou";

const defaultWindowSeconds = 600;
const defaultPublishDelaySeconds = 300;
/** Flows of one window and their records on the way fit into 256 MB, whatever their addresses (measured). */
export const defaultMaxFlows = 400_000;

/** A running reference cloud. */
export class Cloud {
  readonly rooms: Rooms;
  private readonly ledger: Ledger;
  /** The sums of windows that were open when the cloud was last closed, and the connections that were tracked. */
  private readonly kept: Collection<SavedDataPlane>;
  /** Where a virtual clock stands, so that it goes on from there. */
  private readonly times: Collection<{ ms: number }>;
  private readonly region: string;
  private readonly isKept: boolean;

  constructor(options: CloudOptions) {
    const { clock, random, disk = memoryDisk } = options;
    this.region = options.region ?? defaultRegion;
    this.isKept = disk.folder !== "";
    this.ledger = new Ledger(disk.path("state.sqlite"));
    this.times = this.ledger.collection("time");
    const stood = this.times.get("now");
    if (clock instanceof VirtualClock && stood !== undefined) clock.resume(stood.ms);
    const setting = settingOf(options, disk);
    const network = new Network(this.ledger);
    const flowLogs = this.ledger.collection<FlowLog>("flow-log");
    const store = options.store?.(storeOwner(this.ledger, random)) ?? embeddedStore(options, disk);
    const logs = new Logs(this.ledger, store, clock);
    this.kept = this.ledger.collection("kept");
    const publish = (topicId: string, batch: RecordBatch) => logs.writeRecords(topicId, batch);
    const packets = dataPlane(options, setting, newUuid(random), { clock, network, flowLogs, publish }, this.kept.get("all"));
    // On a full disk it stays, and goes with the first packets that come.
    this.kept.delete("all");
    void this.ledger.settled().catch(() => {});
    const calls = new CallMemory(this.ledger);
    this.rooms = { setting, clock, random, network, flowLogs, logs, packets, calls };
  }

  /** Calls an action as the API would, without a wire: the same checks, the same answers, the same errors. */
  readonly call: Call = async <A extends ActionName>(action: A, request: ActionRequest<A>) => {
    const requestId = newUuid(this.rooms.random);
    const answer = await this.answer(action, request, { requestId, region: this.region });
    return { ...(answer as ActionResponse<A>), RequestId: requestId };
  };

  /** Answers an action with a JSON request; throws an {@link ApiError} for what is wrong with it. */
  async answer(name: string, input: unknown, context: CallContext): Promise<object> {
    const action = findAction(name);
    if (action === undefined || action.octetStream) {
      throw new ApiError("InvalidAction", `Action: ${JSON.stringify(name)} is not an action this backend answers`);
    }
    const request = readRequest(action, input);
    const handler = handlers[name as keyof typeof handlers] as unknown as Handler<"DescribeStatus">;
    // An action that changes the ledger does so before it first waits: its writes are one transaction.
    return this.settled(() => this.ledger.transaction(() => handler(this.rooms, request, context)));
  }

  /** Offers a chunk of packets. */
  pushPackets(body: Uint8Array): ReturnType<typeof pushPackets> {
    this.kept.delete("all");
    return this.settled(() => pushPackets(this.rooms, body));
  }

  /** Does work; nobody is told anything of it that is not on disk. */
  private settled<R>(work: () => R | Promise<R>): Promise<R> {
    const { clock } = this.rooms;
    return explained(async () => {
      const beforeMs = clock.nowMs();
      try {
        return await work();
      } finally {
        // Only what moves the clock keeps its time: on a full disk all else can go on.
        if (clock.nowMs() !== beforeMs) this.keepTime();
        await this.ledger.settled();
      }
    });
  }

  /** Keeps logs that a client uploads; `header` gives the request's headers by their names in lower case. */
  uploadLog(body: Uint8Array, header: (name: string) => string | undefined): Promise<object> {
    return explained(() => uploadLog(this.rooms, body, header));
  }

  /** What cannot be read of what is kept, in words that name the files, as far as anybody has looked. */
  damage(): Promise<string[]> {
    return this.rooms.logs.damage();
  }

  private keepTime(): void {
    const { clock } = this.rooms;
    if (clock.kind === "virtual" && this.times.get("now")?.ms !== clock.nowMs()) {
      this.times.put("now", { ms: clock.nowMs() });
    }
  }

  /** Stops all appointments, keeps what the open windows hold, and closes the files. */
  async close(): Promise<void> {
    const { packets, logs } = this.rooms;
    try {
      // What a full disk did not take a while ago, it may take now.
      await packets.finish();
    } finally {
      const saved = await packets.close();
      if (saved !== undefined && this.isKept) this.kept.put("all", saved);
      this.keepTime();
      await logs.close();
      this.ledger.close();
    }
  }
}

/** The store on the cloud's own disk: in this thread, or in one of its own. */
function embeddedStore({ threads }: CloudOptions, disk: Disk): LogStore {
  const where = { folder: disk.folder === "" ? undefined : disk.path("logs") };
  return threads === undefined ? new EmbeddedStore(where) : storeThread(where, threads.died);
}

/** Does work; what the log store cannot do is told as the API tells it. */
async function explained<R>(work: () => R | Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SearchTooSlow) throw new ApiError("FailedOperation.SearchTimeout", error.message);
    if (error instanceof QueryFailure) throw new ApiError("FailedOperation.QueryError", `Query: ${error.message}`);
    if (error instanceof TooManySearches) throw new ApiError("LimitExceeded.LogSearch", error.message);
    if (error instanceof StoreFull || error instanceof LedgerFull) throw new ApiError("ResourceInsufficient", error.message);
    if (error instanceof StoreFailure) throw new ApiError("FailedOperation", error.message);
    throw error;
  }
}

function dataPlane(options: CloudOptions, setting: Setting, life: string, around: DataPlaneSurroundings, saved: SavedDataPlane | undefined): DataPlane {
  const settings = {
    accountId: setting.appId,
    windowSeconds: setting.windowSeconds,
    publishDelaySeconds: setting.publishDelaySeconds,
    maxFlows: options.maxFlows ?? defaultMaxFlows,
    activationAddress: options.activationAddress ?? assumedActivationAddress,
    shortcuts: options.shortcuts ?? true,
    life,
  };
  if (options.threads === undefined) return new DataPlaneHere(settings, around, saved);
  return new DataPlaneThread(settings, around, saved, options.threads.died);
}

function settingOf(options: CloudOptions, disk: Disk): Setting {
  return {
    appId: options.appId ?? "1250000000",
    version: options.version ?? "0.0.0",
    dataFolder: disk.folder,
    windowSeconds: options.windowSeconds ?? defaultWindowSeconds,
    publishDelaySeconds: options.publishDelaySeconds ?? defaultPublishDelaySeconds,
  };
}

/** Starts a reference cloud in this process. */
export function createCloud(options: CloudOptions): Cloud {
  return new Cloud(options);
}
