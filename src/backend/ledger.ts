/**
 * The control plane's memory: collections of plain objects, read from memory, written through to SQLite.
 *
 * An action's writes are one transaction: all of them are on disk before the action is answered, or none happened.
 * It knows nothing of what the objects mean.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

interface Entry<T> {
  readonly item: T;
  readonly place: number;
}

/** A named set of objects, each under its id, in the order they were first put. */
export class Collection<T> {
  private entries: Map<string, Entry<T>>;
  private readonly ledger: Ledger;
  private readonly name: string;
  private writes = 0;

  constructor(ledger: Ledger, name: string, entries: Map<string, Entry<T>>) {
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
  private lastPlace: number;

  /** Opens `path`, creating it when it is not there; `:memory:` keeps nothing. */
  constructor(path: string) {
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

  /** Runs `work` as one transaction; when it throws, every collection is as it was before. */
  transaction<R>(work: () => R): R {
    if (this.undos !== undefined) return work();
    this.undos = [];
    try {
      const result = work();
      if (this.undos.length > 0) this.database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.undos.length > 0) this.database.exec("ROLLBACK");
      for (const undo of this.undos.toReversed()) undo();
      throw error;
    } finally {
      this.undos = undefined;
    }
  }

  /** The place of a new object: after all others. */
  nextPlace(): number {
    return ++this.lastPlace;
  }

  /** Called by collections for each write; a write outside a transaction is one of its own. */
  write(write: Write, undo: Undo): void {
    // Only a transaction that writes takes the disk: a Describe costs nothing.
    if (this.undos?.length === 0) this.database.exec("BEGIN");
    this.undos?.push(undo);
    if (write.place === undefined) this.remove.run(write.collection, write.id);
    else this.upsert.run(write.collection, write.id, write.place, JSON.stringify(write.item));
  }

  close(): void {
    this.database.close();
  }
}
