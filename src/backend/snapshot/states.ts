/**
 * Whole states of the cloud, on their way out and in: the ledger's rows and a copy of the log store become a snapshot,
 * and a snapshot becomes a ledger and a store beside those that stand. Both are taken as a whole, whatever is in them.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Ledger, type LedgerRow } from "../ledger.ts";
import { EmbeddedStore } from "../logs/duckdb/embedded-store.ts";
import type { LogStore } from "../logs/log-store.ts";
import { type About, type PackedSnapshot, packed, unpack } from "./container.ts";
import { decodeSnapshotChunk, Intake } from "./intake.ts";
import { readRows, writeRows } from "./ledger-file.ts";

/** A new folder among what is on its way. */
export function scratchFolder(scratch: string): string {
  const folder = join(scratch, randomUUID());
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Removes what was on its way when a process ended. */
export function clearScratch(scratch: string): void {
  rmSync(scratch, { recursive: true, force: true });
}

/** What is saved, and how it is made to stand still. */
export interface Saved {
  readonly store: LogStore;
  readonly rows: () => Promise<Iterable<LedgerRow>>;
  /** Does work between two calls. */
  readonly between: <R>(work: () => Promise<R>) => Promise<R>;
}

/** A snapshot of one moment. The cloud stands still while it is settled what is in it, not while it is copied. */
export async function saveState(scratch: string, about: About, { store, rows, between }: Saved): Promise<PackedSnapshot> {
  const folder = scratchFolder(scratch);
  const done = () => clearScratch(folder);
  try {
    await between(async () => {
      await store.beginCopy(join(folder, "store"));
      writeRows(join(folder, "ledger"), await rows());
    }).finally(() => store.finishCopy());
    return packed(folder, about, done);
  } catch (error) {
    done();
    throw error;
  }
}

/** Fills an empty ledger and store with what a snapshot holds; whoever followed other logs goes on behind its last one. */
export async function fillFrom(parts: string, ledger: Ledger, store: LogStore, lineage: string): Promise<void> {
  await ledger.fill(readRows(join(parts, "ledger")));
  const fromSequence = await store.takeUp(join(parts, "store"));
  ledger.collection("lineage").put("now", { id: lineage, fromSequence });
}

/** Builds a data folder's files in a folder of their own, and gives it. */
export async function buildBeside(scratch: string, fill: (ledger: Ledger, store: LogStore) => Promise<void>): Promise<string> {
  const folder = scratchFolder(scratch);
  mkdirSync(join(folder, "logs"), { mode: 0o700 });
  const ledger = new Ledger(join(folder, "state.sqlite"));
  const store = new EmbeddedStore({ folder: join(folder, "logs"), copyFolder: scratch });
  try {
    await fill(ledger, store);
    await ledger.settled();
    return folder;
  } catch (error) {
    clearScratch(folder);
    throw error;
  } finally {
    await store.close();
    ledger.close();
  }
}

/** Snapshots that are coming in, one at a time. */
export class Incoming {
  private readonly intake = new Intake();
  private loading: Promise<object> = Promise.resolve({});

  /** Takes a chunk; with the last one the snapshot's files are handed to `load`. */
  async take<R extends object>(scratch: string, body: Uint8Array, load: (parts: string) => Promise<R>): Promise<R | Record<string, never>> {
    const chunk = decodeSnapshotChunk(body);
    // Its answer was lost: it is given again.
    if (this.intake.isKnown(chunk)) return chunk.isLast ? ((await this.loading) as R) : {};
    const path = this.intake.add(chunk, () => join(scratchFolder(scratch), "snapshot"));
    if (!chunk.isLast) return {};
    const parts = scratchFolder(scratch);
    this.loading = unpack(path, parts)
      .then(() => load(parts))
      .finally(() => {
        clearScratch(parts);
        clearScratch(join(path, ".."));
      });
    return (await this.loading) as R;
  }
}
