/**
 * The data plane in a thread of its own: packets are judged and counted while this thread answers requests.
 *
 * It has copies of what it looks at, which follow before anything is asked of it. Time stays on this side: what falls
 * due between two packets happens between them, wherever it is done. Loaded as a worker, this file is the other side.
 */
import { constants, getPriority, setPriority } from "node:os";
import { isMainThread, workerData } from "node:worker_threads";
import { type Clock, VirtualClock } from "../clock.ts";
import { StoreFailure, StoreFull } from "../logs/log-store.ts";
import { ChunkOutOfTurn } from "../packet-path.ts";
import { noCounts, type PathCounts } from "../path-counts.ts";
import type { RecordBatch } from "../record-batch.ts";
import { type ErrorClass, lineToStarter, Thread } from "../thread.ts";
import { MalformedChunk } from "../traffic/packet-chunk.ts";
import { Judge } from "../vpc/judge.ts";
import type { Offered } from "../vpc/packet-numbers.ts";
import type { Verdict } from "../vpc/verdict.ts";
import { type Changes, Copies, Originals } from "./copied.ts";
import { type DataPlane, DataPlaneHere, type DataPlaneSettings, type DataPlaneSurroundings, type Offering, type SavedDataPlane } from "./data-plane.ts";
import { distantClock, type Timekeeper } from "./distant-clock.ts";

/** What the cloud's thread does for the data plane's. */
interface CloudSide extends Timekeeper {
  /** How things stand; told before each answer. */
  standing(total: PathCounts, pending: ReadonlyMap<string, number>): void;
  publish(topicId: string, batch: RecordBatch, nowMs: number): Promise<void>;
}

/** What the data plane's thread does for the cloud's. */
interface PlaneSide {
  /** The time, when something is due next, and what changed of the network and the flow logs. */
  follow(nowMs: number, dueMs: number, changes: Changes): void;
  /** Answers when it has made its appointments. */
  start(): void;
  offerChunk(body: Uint8Array): Promise<Offering & { readonly nowMs: number }>;
  keep(appointment: number): Promise<void>;
  save(): Promise<SavedDataPlane>;
  finish(): Promise<void>;
}

const errors: readonly ErrorClass[] = [MalformedChunk, ChunkOutOfTurn, StoreFull, StoreFailure];

interface PlaneWork {
  readonly task: "judge and count packets";
  readonly settings: DataPlaneSettings;
  readonly clockKind: Clock["kind"];
  readonly nowMs: number;
  readonly saved: SavedDataPlane | undefined;
}

/** How often a real clock looks whether there is a flow log, as long as there is none: a thread takes twenty megabytes. */
const idleMs = 1000;

/** The data plane's thread, seen from the cloud's. */
export class DataPlaneThread implements DataPlane {
  total: Readonly<PathCounts>;
  private pending: ReadonlyMap<string, number> = new Map();
  private readonly work: PlaneWork;
  private readonly around: DataPlaneSurroundings;
  private readonly died: (error: Error) => void;
  private readonly originals: Originals;
  private readonly appointments = new Map<number, () => void>();
  private thread: Thread<PlaneSide> | undefined;
  private started: Promise<void> | undefined;
  private forgetStart: () => void = () => {};
  private judge: Judge | undefined;

  constructor(settings: DataPlaneSettings, around: DataPlaneSurroundings, saved: SavedDataPlane | undefined, died: (error: Error) => void) {
    const { clock } = around;
    this.work = { task: "judge and count packets", settings, clockKind: clock.kind, nowMs: clock.nowMs(), saved };
    this.around = around;
    this.died = died;
    this.originals = new Originals(around);
    this.total = saved?.path?.total ?? noCounts();
    this.forgetStart = clock.at(clock.nowMs(), () => this.startInTime());
  }

  /** Before a virtual clock moves on, the other side has made its appointments; with a real one that waits for a flow log. */
  private async startInTime(): Promise<void> {
    const { clock, flowLogs } = this.around;
    if (clock.kind === "virtual" || flowLogs.size > 0 || this.work.saved !== undefined) return this.start();
    this.forgetStart = clock.at(clock.nowMs() + idleMs, () => this.startInTime());
  }

  private start(): Promise<void> {
    this.started ??= this.startNow();
    return this.started;
  }

  private async startNow(): Promise<void> {
    this.thread = new Thread<PlaneSide>(new URL(import.meta.url), this.work, this.served(), errors, this.died);
    await this.thread.line.call("start", []);
    this.forgetStart();
  }

  private served(): CloudSide {
    const { clock, publish } = this.around;
    return {
      standing: (total, pending) => {
        this.total = total;
        this.pending = pending;
      },
      appoint: (number, atMs) => {
        this.appointments.set(number, clock.at(atMs, () => this.keep(number)));
      },
      cancel: (number) => {
        this.appointments.get(number)?.();
        this.appointments.delete(number);
      },
      advance: async (toMs) => {
        await this.moveTo(toMs);
        this.tellAll();
      },
      publish: async (topicId, batch, nowMs) => {
        await this.moveTo(nowMs);
        await publish(topicId, batch);
      },
    };
  }

  /** A virtual clock is moved to where the other side is already, or wants to be. */
  private async moveTo(moment: number): Promise<void> {
    const { clock } = this.around;
    if (clock instanceof VirtualClock) await clock.moveTo(Math.max(moment, clock.nowMs()));
  }

  private async keep(appointment: number): Promise<void> {
    this.appointments.delete(appointment);
    await this.asked().call("keep", [appointment]);
  }

  /** The line to the other side, which knows by then how things stand on this one. */
  private asked() {
    this.tellAll();
    return this.thread!.line;
  }

  private tellAll(): void {
    const { clock } = this.around;
    const dueMs = clock instanceof VirtualClock ? clock.dueMs() : Number.POSITIVE_INFINITY;
    this.thread!.line.tell("follow", [clock.nowMs(), dueMs, this.originals.changes()]);
  }

  async offerChunk(body: Uint8Array): Promise<Offering> {
    await this.start();
    const { nowMs, ...offering } = await this.asked().call("offerChunk", [body]);
    await this.moveTo(nowMs);
    return offering;
  }

  whatIf(packet: Offered): Verdict[] {
    // It asks no memory of other packets, so any judge of this network will do.
    this.judge ??= new Judge(this.around.network);
    return this.judge.whatIf(packet);
  }

  async pendingRecords(topicId: string): Promise<number> {
    if (this.work.saved !== undefined) await this.start();
    return this.pending.get(topicId) ?? 0;
  }

  async save(): Promise<SavedDataPlane | undefined> {
    if (this.started === undefined) return this.work.saved;
    await this.started;
    return this.asked().call("save", []);
  }

  async finish(): Promise<void> {
    this.forgetStart();
    if (this.started === undefined) return;
    await this.started;
    await this.asked().call("finish", []);
  }

  async close(): Promise<void> {
    await this.started;
    await this.thread?.end();
  }
}

/** How much nicer than the rest of the process a thread is that has work for as long as packets come. */
const niceness = 5;

/** Where a priority is a thread's own, whoever waits for an answer gets a processor first. */
function stepBack(): void {
  if (process.platform === "linux") setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceness));
}

/** Does the work, and says how things stand before it answers what may have changed that. */
function runPlane({ settings, clockKind, nowMs, saved }: PlaneWork): void {
  stepBack();
  const copies = new Copies();
  const served: PlaneSide = {
    follow(atMs, dueMs, changes) {
      clock.follow(atMs, dueMs);
      copies.follow(changes);
    },
    start: () => tellStanding(),
    async offerChunk(body) {
      const offering = await plane.offerChunk(body).finally(tellStanding);
      return { ...offering, nowMs: clock.nowMs() };
    },
    keep: (appointment) => clock.keep(appointment).finally(tellStanding),
    save: () => plane.save(),
    finish: () => plane.finish(),
  };
  const line = lineToStarter<CloudSide>(served, errors);
  const clock = distantClock(clockKind, nowMs, {
    appoint: (number, atMs) => line.tell("appoint", [number, atMs]),
    cancel: (number) => line.tell("cancel", [number]),
    advance: (toMs) => line.call("advance", [toMs]),
  });
  const publish = (topicId: string, batch: RecordBatch) => line.call("publish", [topicId, batch, clock.nowMs()]);
  const plane = new DataPlaneHere(settings, { clock, network: copies.network, flowLogs: copies.flowLogs, publish }, saved);
  const tellStanding = () => line.tell("standing", [plane.total, plane.pending()]);
}

if (!isMainThread && (workerData as Partial<PlaneWork> | null)?.task === "judge and count packets") runPlane(workerData as PlaneWork);
