/**
 * The control plane's memory: collections of plain objects, read from memory, written through to SQLite.
 *
 * An action's writes are one transaction: all of them are on disk before the action is answered, or none happened.
 * Transactions that end in the same turn of the event loop share one write to the disk. It knows nothing of what the
 * objects mean.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

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
    PRIMARY KEY (collection, id)
  ) WITHOUT ROWID;
`;

/** The version of the ledger's layout; a file of another version is refused, never guessed at. */
const layoutVersion = 1;

/** A file that holds another version of the ledger, or no ledger at all. */
export class UnknownLedger extends Error {
  override readonly name = "UnknownLedger";
}

/** Another process has the file open: one process owns a data folder. */
export class LedgerInUse extends Error {
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
  private lastPlace: number;

  /** Opens `path`, creating it when it is not there; `:memory:` keeps nothing. */
  constructor(path: string) {
    this.isOnDisk = path !== ":memory:";
    this.database = new DatabaseSync(path);
    this.takeFile(path);
    this.upsert = this.database.prepare(
      "INSERT INTO item (collection, id, place, body) VALUES (?, ?, ?, ?) " +
        "ON CONFLICT (collection, id) DO UPDATE SET body = excluded.body",
    );
    this.remove = this.database.prepare("DELETE FROM item WHERE collection = ? AND id = ?");
    const last = this.database.prepare("SELECT COALESCE(MAX(place), 0) AS place FROM item").get();
    this.lastPlace = Number(last?.["place"]);
  }

  private takeFile(path: string): void {
    try {
      // WAL with full syncing: what was answered survives the process and the machine. The lock lasts as long as the
      // process, so a second backend on the same folder is told at once.
      this.database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      this.database.exec(`BEGIN EXCLUSIVE; ${schema} COMMIT`);
    } catch (error) {
      if (error instanceof Error && error.message.includes("locked")) {
        throw new LedgerInUse(`${path} is in use by another process: one backend owns a data folder`);
      }
      throw error;
    }
    const found = Number(this.database.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (found === 0) this.database.exec(`PRAGMA user_version = ${layoutVersion}`);
    else if (found !== layoutVersion) {
      throw new UnknownLedger(`${path} has layout version ${found}; this backend reads version ${layoutVersion}`);
    }
  }

  /** The collection of that name, with what the file holds of it. */
  collection<T>(name: string): Collection<T> {
    const query = this.database.prepare("SELECT id, place, body FROM item WHERE collection = ? ORDER BY place");
    const entries = new Map<string, Entry<T>>();
    for (const { id, place, body } of query.all(name)) {
      entries.set(String(id), { item: JSON.parse(String(body)) as T, place: Number(place) });
    }
    return new Collection(this, name, entries);
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
      throw error;
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
    if (this.batch === undefined) return Promise.resolve();
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
    this.batch.written.resolve();
    this.batch = undefined;
  }

  /** The batch cannot be written: nothing of it happened. */
  private fail(error: unknown): void {
    const { undos, written, isAwaited } = this.batch!;
    this.batch = undefined;
    for (const undo of undos.toReversed()) undo();
    // Somebody has to hear of it.
    if (!isAwaited) throw error;
    written.reject(error);
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
    if (write.place === undefined) this.remove.run(write.collection, write.id);
    else this.upsert.run(write.collection, write.id, write.place, JSON.stringify(write.item));
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
  }
}
