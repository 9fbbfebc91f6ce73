/**
 * The control plane's memory: collections of plain objects, read from memory, written through to SQLite.
 *
 * An action's writes are one transaction: all of them are on disk before the action is answered, or none happened.
 * Transactions that end in the same turn of the event loop share one write to the disk. It knows nothing of what the
 * objects mean.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { DiskSync } from "./disk-sync.ts";

interface Entry<T> {
  readonly item: T;
  readonly place: number;
}

/** A named set of objects, each under its id, in the order they were first put. */
export class Collection<T> {
  private entries: Map<string, Entry<T>>;
  private readonly ledger: Keeper;
  private readonly name: string;
  private writes = 0;

  constructor(ledger: Keeper, name: string, entries: Map<string, Entry<T>>) {
    this.ledger = ledger;
    this.name = name;
    this.entries = entries;
  }

  get size(): number {
    return this.entries.size;
  }

  /** Grows with every change of the collection, also with one that is taken back. */
  get revision(): number {
    return this.writes;
  }

  get(id: string): T | undefined {
    return this.entries.get(id)?.item;
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  /** The id of the object that has been here longest. */
  firstId(): string | undefined {
    const { value } = this.entries.keys().next();
    return value;
  }

  *values(): IterableIterator<T> {
    for (const { item } of this.entries.values()) yield item;
  }

  /** Adds or replaces an object. Objects are values: to change one, put another. */
  put(id: string, item: T): void {
    const before = this.entries.get(id);
    this.writes++;
    const entry = { item, place: before?.place ?? this.ledger.nextPlace() };
    this.entries.set(id, entry);
    this.ledger.write({ collection: this.name, id, ...entry }, () => this.restore(id, before));
  }

  delete(id: string): void {
    const before = this.entries.get(id);
    if (before === undefined) return;
    this.writes++;
    this.entries.delete(id);
    this.ledger.write({ collection: this.name, id }, () => this.restore(id, before));
  }

  /** Becomes what another collection is: its ids in their order, and those of its objects that are not held here already. */
  become(ids: readonly string[], changed: ReadonlyMap<string, T>): void {
    this.writes++;
    const { entries } = this;
    this.entries = new Map(ids.map((id, place) => [id, { item: changed.get(id) ?? entries.get(id)!.item, place }]));
  }

  private restore(id: string, before: Entry<T> | undefined): void {
    this.writes++;
    this.entries.delete(id);
    if (before === undefined) return;
    this.entries.set(id, before);
    this.entries = new Map([...this.entries].toSorted(([, a], [, b]) => a.place - b.place));
  }
}

/** An object as the ledger's file holds it. */
export interface LedgerRow {
  readonly collection: string;
  readonly id: string;
  readonly place: number;
  /** The object as JSON. */
  readonly body: string;
}

/** SQLite's codes of what is the file's or the disk's fault. */
const sqliteCodes = { cannotWrite: 10, corrupt: 11, full: 13, notADatabase: 26 } as const;

function damaged(path: string, words: string, cause?: unknown): LedgerDamaged {
  return new LedgerDamaged(`${path} is damaged: ${words}`, { cause });
}

function checksumOf({ collection, id, place, body }: { collection: string; id: string; place: number; body: string }): number {
  return crc32(`${collection}\0${id}\0${place}\0${body}`);
}

interface Write {
  readonly collection: string;
  readonly id: string;
  readonly item?: unknown;
  readonly place?: number;
}

type Undo = () => void;

/** Where a collection's writes go. */
interface Keeper {
  nextPlace(): number;
  write(write: Write, undo: Undo): void;
}

/** Makes collections that nobody keeps: copies, which follow the collections of another thread. */
export const copies = {
  collection<T>(name: string): Collection<T> {
    return new Collection<T>({ nextPlace: () => 0, write() {} }, name, new Map());
  },
};

/** What is written, but not on disk yet. */
interface Batch {
  /** How to take back the writes of the transactions that are done. */
  readonly undos: Undo[];
  readonly written: PromiseWithResolvers<void>;
  isAwaited: boolean;
}

const schema = `
  CREATE TABLE IF NOT EXISTS item (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    place INTEGER NOT NULL,
    body TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (collection, id)
  ) WITHOUT ROWID;
`;

/** The version of the ledger's layout; a file of another version is refused, never guessed at. */
const layoutVersion = 2;

/** The ledger cannot be kept or read. */
export class LedgerError extends Error {
  override readonly name: string = "LedgerError";
}

/** A file that holds another version of the ledger, or no ledger at all. */
export class UnknownLedger extends LedgerError {
  override readonly name = "UnknownLedger";
}

/** The file is not what was written: a disk or another program has damaged it. */
export class LedgerDamaged extends LedgerError {
  override readonly name = "LedgerDamaged";
}

/** The disk takes no more: what was asked for has not happened. */
export class LedgerFull extends LedgerError {
  override readonly name = "LedgerFull";
}

/** Another process has the file open: one process owns a data folder. */
export class LedgerInUse extends LedgerError {
  override readonly name = "LedgerInUse";
}

/** The book all collections are kept in: a SQLite file, or memory only. */
export class Ledger {
  private readonly database: DatabaseSync;
  private readonly upsert: StatementSync;
  private readonly remove: StatementSync;
  /** How to take back the writes of the transaction that is running, if one is. */
  private undos: Undo[] | undefined;
  private batch: Batch | undefined;
  private readonly isOnDisk: boolean;
  private readonly path: string;
  private lastPlace: number;
  /** SQLite's log of what was committed; undefined in memory. */
  private readonly log: DiskSync | undefined;
  /** Of the batch committed last: whether it is on disk. */
  private lastWritten: Promise<void> = Promise.resolve();

  /** Opens `path`, creating it when it is not there; `:memory:` keeps nothing. */
  constructor(path: string) {
    this.isOnDisk = path !== ":memory:";
    this.path = path;
    this.database = new DatabaseSync(path);
    try {
      this.takeFile(path);
      this.upsert = this.database.prepare(
        "INSERT INTO item (collection, id, place, body, checksum) VALUES (?, ?, ?, ?, ?) " +
          "ON CONFLICT (collection, id) DO UPDATE SET body = excluded.body, checksum = excluded.checksum",
      );
      this.remove = this.database.prepare("DELETE FROM item WHERE collection = ? AND id = ?");
      const last = this.database.prepare("SELECT COALESCE(MAX(place), 0) AS place FROM item").get();
      this.lastPlace = Number(last?.["place"]);
      this.log = this.isOnDisk ? new DiskSync(`${path}-wal`) : undefined;
    } catch (error) {
      this.database.close();
      throw this.named(error);
    }
  }

  /** SQLite's error, by the file's name where it is the file or its disk that is wrong. */
  private named(error: unknown): unknown {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
    if (code === sqliteCodes.corrupt || code === sqliteCodes.notADatabase) return damaged(this.path, (error as Error).message, error);
    if (code === sqliteCodes.full || code === sqliteCodes.cannotWrite) {
      return new LedgerFull(`the disk that holds ${this.path} is full or cannot be written, so this was not done: ${(error as Error).message}`, { cause: error });
    }
    return error;
  }

  private takeFile(path: string): void {
    try {
      // What was answered survives the process and the machine: a commit writes to the WAL, which is synced here rather
      // than by SQLite, for that would hold up everybody. Moving it into the database is left to SQLite, syncing included.
      // The lock lasts as long as the process, so a second backend on the same folder is told at once.
      this.database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      this.database.exec(`BEGIN EXCLUSIVE; COMMIT`);
    } catch (error) {
      if (error instanceof Error && error.message.includes("locked")) {
        throw new LedgerInUse(`${path} is in use by another process: one backend owns a data folder`);
      }
      throw error;
    }
    const found = Number(this.database.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (found === 1) this.addChecksums();
    else if (found !== 0 && found !== layoutVersion) {
      throw new UnknownLedger(`${path} has layout version ${found}; this backend reads version ${layoutVersion}`);
    }
    if (found === 0) this.database.exec(`BEGIN; ${schema} PRAGMA user_version = ${layoutVersion}; COMMIT`);
    const [first] = this.database.prepare("PRAGMA integrity_check(1)").all();
    if (first?.["integrity_check"] !== "ok") throw damaged(path, String(first?.["integrity_check"]));
  }

  /** Version 1 had none. */
  private addChecksums(): void {
    this.database.exec("BEGIN; ALTER TABLE item ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0");
    const set = this.database.prepare("UPDATE item SET checksum = ? WHERE collection = ? AND id = ?");
    for (const row of this.database.prepare("SELECT collection, id, place, body FROM item").all()) {
      const item = { collection: String(row["collection"]), id: String(row["id"]), place: Number(row["place"]), body: String(row["body"]) };
      set.run(checksumOf(item), item.collection, item.id);
    }
    this.database.exec(`PRAGMA user_version = ${layoutVersion}; COMMIT`);
  }

  /** The collection of that name, with what the file holds of it. */
  collection<T>(name: string): Collection<T> {
    const query = this.database.prepare("SELECT id, place, body, checksum FROM item WHERE collection = ? ORDER BY place");
    const entries = new Map<string, Entry<T>>();
    for (const { id, place, body, checksum } of query.all(name)) {
      const row = { collection: name, id: String(id), place: Number(place), body: String(body) };
      if (checksumOf(row) !== checksum) throw damaged(this.path, `its ${name} ${JSON.stringify(id)} is not what was written`);
      entries.set(row.id, { item: JSON.parse(row.body) as T, place: row.place });
    }
    return new Collection(this, name, entries);
  }

  /** Everything that it holds, in the order of its places. */
  *rows(): IterableIterator<LedgerRow> {
    for (const row of this.database.prepare("SELECT collection, id, place, body FROM item ORDER BY place").iterate()) {
      yield { collection: String(row["collection"]), id: String(row["id"]), place: Number(row["place"]), body: String(row["body"]) };
    }
  }

  /** Takes up the rows of another ledger, before anything is read from this one. */
  async fill(rows: AsyncIterable<LedgerRow>): Promise<void> {
    this.database.exec("BEGIN");
    try {
      for await (const { collection, id, place, body } of rows) {
        this.upsert.run(collection, id, place, body, checksumOf({ collection, id, place, body }));
        this.lastPlace = Math.max(this.lastPlace, place);
      }
      this.database.exec("COMMIT");
    } catch (error) {
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
  }

  /**
   * Runs `work` as one transaction; when it throws, every collection is as it was before. It is on disk when
   * {@link settled} says so: whoever answers for it waits for that.
   */
  transaction<R>(work: () => R): R {
    if (this.undos !== undefined) return work();
    const undos: Undo[] = [];
    this.undos = undos;
    try {
      const result = work();
      if (undos.length > 0) this.keep(undos);
      return result;
    } catch (error) {
      if (undos.length > 0) this.takeBack(undos, error);
      throw this.named(error);
    } finally {
      this.undos = undefined;
      if (!this.isOnDisk) this.commit();
    }
  }

  private keep(undos: readonly Undo[]): void {
    this.database.exec("RELEASE one");
    this.batch!.undos.push(...undos);
  }

  private takeBack(undos: readonly Undo[], error: unknown): void {
    // A disk that is full can make SQLite take back the whole batch by itself.
    if (this.database.isTransaction) this.database.exec("ROLLBACK TO one; RELEASE one");
    for (const undo of undos.toReversed()) undo();
    if (!this.database.isTransaction) this.fail(error);
  }

  /** Resolves when all that was written so far is on disk; rejects when it cannot be, and then none of it happened. */
  settled(): Promise<void> {
    if (this.batch === undefined) return this.lastWritten;
    this.batch.isAwaited = true;
    return this.batch.written.promise;
  }

  private commit(): void {
    if (this.batch === undefined) return;
    try {
      this.database.exec("COMMIT");
    } catch (error) {
      if (this.database.isTransaction) this.database.exec("ROLLBACK");
      this.fail(error);
      return;
    }
    const { written } = this.batch;
    this.batch = undefined;
    if (this.log === undefined) return written.resolve();
    this.lastWritten = written.promise;
    void this.log.onDisk().then(written.resolve);
  }

  /** The batch cannot be written: nothing of it happened. */
  private fail(error: unknown): void {
    const { undos, written, isAwaited } = this.batch!;
    this.batch = undefined;
    for (const undo of undos.toReversed()) undo();
    // Somebody has to hear of it.
    if (!isAwaited) throw this.named(error);
    written.reject(this.named(error));
  }

  /** The place of a new object: after all others. */
  nextPlace(): number {
    return ++this.lastPlace;
  }

  /** Called by collections for each write; a write outside a transaction is one of its own. */
  write(write: Write, undo: Undo): void {
    // Only what writes takes the disk: a Describe costs nothing.
    const batch = this.openBatch();
    if (this.undos?.length === 0) this.database.exec("SAVEPOINT one");
    (this.undos ?? batch.undos).push(undo);
    const { collection, id, place } = write;
    if (place === undefined) this.remove.run(collection, id);
    else {
      const body = JSON.stringify(write.item);
      this.upsert.run(collection, id, place, body, checksumOf({ collection, id, place, body }));
    }
    if (this.undos === undefined && !this.isOnDisk) this.commit();
  }

  private openBatch(): Batch {
    if (this.batch !== undefined) return this.batch;
    this.database.exec("BEGIN");
    this.batch = { undos: [], written: Promise.withResolvers(), isAwaited: false };
    // After what else has come in by now: sixteen requests that came together wait for the disk once.
    if (this.isOnDisk) setImmediate(() => this.commit());
    return this.batch;
  }

  close(): void {
    this.commit();
    this.database.close();
    this.log?.close();
  }
}
