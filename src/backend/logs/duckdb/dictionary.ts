/** Things that many rows share, kept once and named by a number: topics, ENIs in their place, reasons, index rules. */
import type { Run } from "./engine.ts";
import { rowsOf } from "./schema.ts";
import { sqlText } from "./sql.ts";

/** A dictionary's entries in memory and in its table; numbers begin with 1. */
export class Dictionary<T> {
  private readonly table: string;
  private readonly ofColumns: readonly ((item: T) => string | number)[];
  private readonly read: (row: Readonly<Record<string, string>>) => T;
  private readonly items = new Map<number, T>();
  private readonly ids = new Map<string, number>();
  private fresh: number[] = [];
  private last = 0;
  /** Changes when entries are gone. */
  revision = 0;

  constructor(
    table: string,
    columns: Readonly<Record<string, (item: T) => string | number>>,
    read: (row: Readonly<Record<string, string>>) => T,
  ) {
    this.table = table;
    this.ofColumns = Object.values(columns);
    this.read = read;
  }

  private key(item: T): string {
    let key = "";
    for (const column of this.ofColumns) key += `${column(item)}\u0000`;
    return key;
  }

  /** Reads the table; what was in memory is forgotten. */
  async load(run: Run): Promise<void> {
    this.items.clear();
    this.ids.clear();
    this.fresh = [];
    this.last = 0;
    this.revision++;
    for (const row of await rowsOf(run, `SELECT * FROM ${this.table}`)) {
      const texts = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]));
      this.put(Number(row["id"]), this.read(texts));
    }
  }

  private put(id: number, item: T): void {
    this.items.set(id, item);
    this.ids.set(this.key(item), id);
    this.last = Math.max(this.last, id);
  }

  get(id: number): T | undefined {
    return this.items.get(id);
  }

  /** The number of a thing that is known. */
  find(item: T): number | undefined {
    return this.ids.get(this.key(item));
  }

  get size(): number {
    return this.items.size;
  }

  entries(): IterableIterator<[number, T]> {
    return this.items.entries();
  }

  /** The number of a thing, which {@link save} must then put into the table. */
  idOf(item: T): number {
    const known = this.find(item);
    if (known !== undefined) return known;
    const id = this.last + 1;
    this.put(id, item);
    this.fresh.push(id);
    return id;
  }

  /** Writes what is new into the table, as part of the transaction that speaks of it. */
  async save(run: Run): Promise<void> {
    if (this.fresh.length === 0) return;
    const row = (id: number) => {
      const item = this.items.get(id)!;
      const values = this.ofColumns.map((column) => column(item));
      return `(${[id, ...values.map((value) => (typeof value === "number" ? value : sqlText(value)))].join(", ")})`;
    };
    await run(`INSERT INTO ${this.table} VALUES ${this.fresh.map(row).join(", ")}`);
  }

  /** The transaction is on disk: what was new is known from now on. */
  keep(): void {
    this.fresh = [];
  }

  /** The transaction failed: what was new is forgotten. */
  forget(): void {
    if (this.fresh.length > 0) this.revision++;
    for (const id of this.fresh) {
      this.ids.delete(this.key(this.items.get(id)!));
      this.items.delete(id);
    }
    this.fresh = [];
  }
}
