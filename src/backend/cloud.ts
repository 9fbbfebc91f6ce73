/**
 * The reference cloud: builds the rooms, joins them, and answers actions. In-process tests start here.
 *
 * Time, chance and disk are handed in; nothing here reaches for the real ones. A server (`server/`) puts it on a socket.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findAction, type ActionName, type ActionRequest, type ActionResponse, type Call } from "../wire/actions.ts";
import { readRequest } from "../wire/action.ts";
import { ApiError } from "../wire/errors.ts";
import type { ClockObject, LoadedObject } from "../wire/flowlogs.ts";
import { handlers } from "./actions/handlers.ts";
import type { Handler } from "./actions/action.ts";
import { uploadLog } from "./actions/cls/upload-log.ts";
import { shownClock } from "./actions/flowlogs/describe-clock.ts";
import { pushPackets } from "./actions/flowlogs/push-packets.ts";
import { CallMemory } from "./call-memory.ts";
import { type Clock, VirtualClock } from "./clock.ts";
import { type DataPlane, DataPlaneHere, type DataPlaneSurroundings, type SavedDataPlane } from "./data-plane/data-plane.ts";
import { DataPlaneThread } from "./data-plane/data-plane-thread.ts";
import type { FlowLog } from "./flow/flow-log.ts";
import { assumedActivationAddress } from "./flow/left-out.ts";
import { newUuid, type Random } from "./ids.ts";
import { type Collection, Ledger, LedgerFull, type LedgerRow } from "./ledger.ts";
import { Gate, gatedClock } from "./gate.ts";
import { Logs, TooManySearches } from "./logs/logs.ts";
import { EmbeddedStore } from "./logs/duckdb/embedded-store.ts";
import { type LogStore, QueryFailure, SearchTooSlow, StoreFailure, StoreFull } from "./logs/log-store.ts";
import { storeOwner } from "./logs/store-owner.ts";
import { storeThread } from "./logs/store-thread.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { CallContext, Rooms, Setting } from "./rooms.ts";
import { isFullDisk, MalformedSnapshot, type PackedSnapshot } from "./snapshot/container.ts";
import { buildBeside, clearScratch, fillFrom, Incoming, saveState } from "./snapshot/states.ts";
import { finishSwap, putInForce } from "./snapshot/swap.ts";
import { Network } from "./vpc/network.ts";

/** Where the cloud keeps what must outlive it. */
export interface Disk {
  /** A path for one of the cloud's files, or `:memory:` when nothing is to be kept. */
  path(file: string): string;
  /** The folder as a person reads it; empty when nothing is kept. */
  readonly folder: string;
  /** A folder for what is only on its way, such as a snapshot; made when it is needed. */
  readonly scratch: string;
}

/** A disk that keeps nothing; what is on its way lies in the machine's temporary folder. */
export const memoryDisk: Disk = { path: () => ":memory:", folder: "", scratch: join(tmpdir(), `flowlogs-${process.pid}`) };

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

/** Everything that the cloud holds: its ledger and the rooms that stand on it. */
interface State {
  readonly ledger: Ledger;
  readonly rooms: Rooms;
  /** Where a virtual clock stands and where it started, so that it goes on from there. */
  readonly times: Collection<{ readonly ms: number }>;
  /** The sums of windows that were open when the cloud was last closed, and the connections that were tracked. */
  readonly kept: Collection<SavedDataPlane>;
}

/** An object that the ledger gets when the cloud is closed: what only memory knew. */
interface LastWord {
  readonly collection: string;
  readonly id: string;
  readonly item: unknown;
}

/** A running reference cloud. */
export class Cloud {
  private readonly options: CloudOptions;
  private readonly disk: Disk;
  private readonly gate = new Gate();
  private readonly incoming = new Incoming();
  private readonly region: string;
  private state: State;

  constructor(options: CloudOptions) {
    this.options = options;
    this.disk = options.disk ?? memoryDisk;
    this.region = options.region ?? defaultRegion;
    this.state = this.openState();
    if (this.disk.folder !== "") clearScratch(this.disk.scratch);
  }

  get rooms(): Rooms {
    return this.state.rooms;
  }

  /** Opens what the disk holds, or what was built in memory. */
  private openState(built?: { readonly ledger: Ledger; readonly store: LogStore }): State {
    const { options, disk } = this;
    const { random } = options;
    finishSwap(disk.folder);
    const ledger = built?.ledger ?? new Ledger(disk.path("state.sqlite"));
    const times = ledger.collection<{ readonly ms: number }>("time");
    const stood = times.get("now");
    if (options.clock instanceof VirtualClock) {
      if (stood !== undefined) options.clock.resume(stood.ms);
      if (!times.has("start")) times.put("start", { ms: options.clock.nowMs() });
    }
    // How far chance had come when the cloud was last closed, where a seed decides.
    const chance = ledger.collection<readonly number[]>("chance");
    const cameTo = chance.get("state");
    if (cameTo !== undefined) random.resume?.(cameTo);
    chance.delete("state");
    const clock = gatedClock(options.clock, this.gate);
    const setting = settingOf(options, disk);
    const network = new Network(ledger);
    const flowLogs = ledger.collection<FlowLog>("flow-log");
    const logs = new Logs(ledger, built?.store ?? this.openStore(ledger), clock);
    const kept = ledger.collection<SavedDataPlane>("kept");
    const publish = (topicId: string, batch: RecordBatch) => logs.writeRecords(topicId, batch);
    const packets = dataPlane(options, setting, newUuid(random), { clock, network, flowLogs, publish }, kept.get("all"));
    // On a full disk it stays, and goes with the first packets that come.
    kept.delete("all");
    void ledger.settled().catch(() => {});
    const calls = new CallMemory(ledger);
    return { ledger, times, kept, rooms: { setting, clock, random, network, flowLogs, logs, packets, calls } };
  }

  private openStore(ledger: Ledger): LogStore {
    const { options, disk } = this;
    if (options.store !== undefined) return options.store(storeOwner(ledger, options.random));
    const where = { folder: disk.folder === "" ? undefined : disk.path("logs"), copyFolder: disk.scratch };
    return options.threads === undefined ? new EmbeddedStore(where) : storeThread(where, options.threads.died);
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
    if (action === undefined || action.octetStream || action.answersBytes) {
      throw new ApiError("InvalidAction", `Action: ${JSON.stringify(name)} is not an action this backend answers`);
    }
    const request = readRequest(action, input);
    if (name === "ResetCloud") return this.reset();
    const handler = handlers[name as keyof typeof handlers] as unknown as Handler<"DescribeStatus">;
    // An action that changes the ledger does so before it first waits: its writes are one transaction.
    return this.passing(({ ledger, rooms }) => ledger.transaction(() => handler(rooms, request, context)));
  }

  /** Offers a chunk of packets. */
  pushPackets(body: Uint8Array): ReturnType<typeof pushPackets> {
    this.state.kept.delete("all");
    return this.passing(({ rooms }) => pushPackets(rooms, body));
  }

  /** Does a call's work; nobody is told anything of it that is not on disk. */
  private passing<R>(work: (state: State) => R | Promise<R>): Promise<R> {
    const { clock } = this.options;
    return this.gate.pass(() =>
      explained(async () => {
        const beforeMs = clock.nowMs();
        try {
          return await work(this.state);
        } finally {
          // Only what moves the clock keeps its time: on a full disk all else can go on.
          if (clock.nowMs() !== beforeMs) this.keepTime();
          await this.state.ledger.settled();
        }
      }),
    );
  }

  /** Keeps logs that a client uploads; `header` gives the request's headers by their names in lower case. */
  uploadLog(body: Uint8Array, header: (name: string) => string | undefined): Promise<object> {
    return this.gate.pass(() => explained(() => uploadLog(this.rooms, body, header)));
  }

  /** The whole cloud as it stands between two calls, as bytes to be kept. */
  async saveSnapshot(): Promise<PackedSnapshot> {
    const { rooms } = this;
    const about = { by: rooms.setting.version, savedMs: rooms.clock.nowMs() };
    const between = <R>(work: () => Promise<R>) => this.gate.alone(work);
    return explained(() => saveState(this.disk.scratch, about, { store: rooms.logs.store, between, rows: () => this.rows() }));
  }

  /** The ledger's rows as they would stand if the cloud were closed now. */
  private async rows(): Promise<LedgerRow[]> {
    const { ledger } = this.state;
    // A real clock asks nobody for the time; a virtual one that takes up its snapshot does.
    const words = this.lastWords(await this.rooms.packets.save());
    const last = this.rooms.clock.kind === "real" ? [...words, now(this.rooms.clock)] : words;
    const said = new Set(last.map(({ collection, id }) => `${collection} ${id}`));
    const rows = [...ledger.rows()].filter(({ collection, id }) => !said.has(`${collection} ${id}`));
    return [...rows, ...last.map(({ collection, id, item }) => ({ collection, id, place: ledger.nextPlace(), body: JSON.stringify(item) }))];
  }

  // Bound to this object: whoever stands before it sees the new state too.
  /** Takes a chunk of a snapshot; with the last one it takes the place of everything that the cloud holds, or nothing changes. */
  readonly loadSnapshot = (body: Uint8Array): Promise<Partial<LoadedObject>> =>
    explained(() =>
      this.incoming.take(this.disk.scratch, body, async (parts) => {
        const lineage = newUuid(this.options.random);
        await this.replaceState((ledger, store) => fillFrom(parts, ledger, store, lineage));
        return { Topics: this.rooms.logs.topics.size, NowMs: this.rooms.clock.nowMs() };
      }),
    );

  /** Forgets everything; a virtual clock stands where it started. */
  readonly reset = async (): Promise<ClockObject> => {
    const start = this.state.times.get("start");
    await explained(() =>
      this.replaceState(async (ledger) => {
        const times = ledger.collection("time");
        if (start !== undefined) for (const id of ["start", "now"]) times.put(id, start);
        // Ids that were given out are not given out again.
        if (this.options.random.save !== undefined) ledger.collection("chance").put("state", this.options.random.save());
      }),
    );
    return shownClock(this.rooms);
  };

  /** Builds a state beside the one that stands, and puts it in its place between two calls. */
  private readonly replaceState = async (fill: (ledger: Ledger, store: LogStore) => Promise<void>): Promise<void> => {
    const { folder, scratch } = this.disk;
    if (this.options.store !== undefined) throw new StoreFailure("the logs are kept on other machines (--store): they cannot be replaced together with the rest of this cloud");
    if (folder === "") {
      const ledger = new Ledger(":memory:");
      const built = { ledger, store: this.openStore(ledger) };
      await fill(built.ledger, built.store).catch(async (error: unknown) => {
        await built.store.close();
        throw error;
      });
      await this.gate.alone(async () => {
        await this.closeState();
        this.state = this.openState(built);
      });
      return;
    }
    const built = await buildBeside(scratch, fill);
    await this.gate.alone(async () => {
      try {
        await this.closeState();
        putInForce(folder, built);
      } finally {
        this.state = this.openState();
      }
    });
  };

  /** What cannot be read of what is kept, in words that name the files, as far as anybody has looked. */
  damage(): Promise<string[]> {
    return this.rooms.logs.damage();
  }

  private keepTime(): void {
    const { clock } = this.rooms;
    const { times } = this.state;
    if (clock.kind === "virtual" && times.get("now")?.ms !== clock.nowMs()) times.put("now", { ms: clock.nowMs() });
  }

  /** What only memory knows until the cloud is closed, as objects of the ledger. */
  private lastWords(saved: SavedDataPlane | undefined): LastWord[] {
    const { clock, random } = this.rooms;
    return [
      ...(saved === undefined ? [] : [{ collection: "kept", id: "all", item: saved }]),
      ...(random.save === undefined ? [] : [{ collection: "chance", id: "state", item: random.save() }]),
      ...(clock.kind === "real" ? [] : [now(clock)]),
    ];
  }

  /** Stops all appointments, keeps what the open windows hold, and closes the files. */
  async close(): Promise<void> {
    await this.closeState();
    clearScratch(this.disk.scratch);
  }

  private async closeState(): Promise<void> {
    const { ledger, rooms } = this.state;
    try {
      // What a full disk did not take a while ago, it may take now.
      await rooms.packets.finish();
    } finally {
      // A cloud that keeps nothing need not be told what its memory held.
      const last = this.disk.folder === "" ? [] : this.lastWords(await rooms.packets.save());
      for (const { collection, id, item } of last) ledger.collection(collection).put(id, item);
      await rooms.packets.close();
      await rooms.logs.close();
      ledger.close();
    }
  }
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
    if (error instanceof MalformedSnapshot) throw new ApiError("InvalidParameterValue", `the snapshot cannot be loaded: ${error.message}`);
    if (isFullDisk(error)) throw new ApiError("FailedOperation", `the backend's disk is full: ${error.message}`);
    throw error;
  }
}

function now(clock: Clock): LastWord {
  return { collection: "time", id: "now", item: { ms: clock.nowMs() } };
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
