/**
 * Copies of the embedded store: every table as Parquet, and the files of its segments beside them. Tables are copied as
 * a whole, whatever they are called, so that what is kept some day is in the copy too.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { StoreFailure } from "../log-store.ts";
import type { Catalogue, Catalogues } from "./catalogue.ts";
import type { Engine, Run } from "./engine.ts";
import { counter, hotTable, type Kind, layoutVersion, nextSequenceSql, rowsOf, sealedRows, tables } from "./schema.ts";
import { joinedName, type SegmentFiles } from "./segment-files.ts";
import { sqlText } from "./sql.ts";

/** Makes copies, one at a time. */
export class Copying {
  private readonly engine: Engine;
  private readonly catalogues: Catalogues;
  private readonly files: SegmentFiles | undefined;
  private going: Promise<void> | undefined;

  constructor(engine: Engine, catalogues: Catalogues, files: SegmentFiles | undefined) {
    this.engine = engine;
    this.catalogues = catalogues;
    this.files = files;
  }

  /** Resolves when one state of the store is held fast, which then is copied while others write. */
  async begin(folder: string): Promise<void> {
    if (this.going !== undefined) throw new StoreFailure("another copy of the log store is being made");
    const fixed = Promise.withResolvers<undefined>();
    await this.engine.open();
    const release = this.files?.pin(this.catalogues.version);
    const going = this.engine.read(async ({ run }) => {
      // The first statement decides which state the others see.
      const version = (await counter(run, "catalogue"))!;
      fixed.resolve(undefined);
      await this.copy(run, await this.catalogues.at(run, version), folder);
    });
    this.going = going.finally(() => release?.());
    // Who asks for the end hears of it.
    this.going.catch(() => {});
    await Promise.race([fixed.promise, this.going]);
  }

  async finish(): Promise<void> {
    try {
      await this.going;
    } finally {
      this.going = undefined;
    }
  }

  private async copy(run: Run, { segments }: Catalogue, folder: string): Promise<void> {
    for (const part of ["tables", "segments"]) mkdirSync(join(folder, part), { recursive: true, mode: 0o700 });
    for (const { name } of await rowsOf(run, "SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary ORDER BY name")) {
      const path = join(folder, "tables", `${String(name)}.parquet`);
      await run(`COPY (SELECT * FROM ${String(name)}) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`);
    }
    if (this.files === undefined) return;
    const ids = new Set(segments.map(({ id }) => id));
    for (const name of readdirSync(this.files.folder)) {
      const isOne = /^\d+\./.test(name) && !name.endsWith(".new") && ids.has(Number.parseInt(name, 10));
      if (isOne || joinedName.test(name)) linkOrCopy(join(this.files.folder, name), join(folder, "segments", name));
    }
  }
}

/** A second name for a file that never changes, or where the disk cannot do that, a second file. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Takes up a copy into a store that holds nothing; in memory, where there are no segments, their rows become hot ones. */
export async function takeUpCopy(engine: Engine, folder: string, files: SegmentFiles | undefined): Promise<void> {
  const pathOf = (table: string) => join(folder, "tables", `${table}.parquet`);
  await engine.write(async ({ run }) => {
    if (Number((await rowsOf(run, `SELECT ${nextSequenceSql} AS next`))[0]!["next"]) > 1) throw new StoreFailure("the log store holds logs: it can take up no copy");
    const given = `SELECT value FROM read_parquet(${sqlText(pathOf("counter"))}) WHERE name = 'layout'`;
    const version = existsSync(pathOf("counter")) ? Number((await rowsOf(run, given))[0]?.["value"]) : Number.NaN;
    if (version !== layoutVersion) throw new StoreFailure(`the copy of the log store has layout version ${version}; this backend reads version ${layoutVersion}`);
    for (const table of Object.keys(tables)) {
      await run(`DELETE FROM ${table}`);
      if (existsSync(pathOf(table))) await run(`INSERT INTO ${table} BY NAME SELECT * FROM read_parquet(${sqlText(pathOf(table))})`);
    }
    if (files === undefined) await unseal(run, join(folder, "segments"));
  });
  const segments = join(folder, "segments");
  if (files === undefined || !existsSync(segments)) return;
  for (const name of readdirSync(segments)) renameSync(join(segments, name), join(files.folder, name));
}

/** Moves the rows of all segments into the hot tables. */
async function unseal(run: Run, folder: string): Promise<void> {
  for (const { id, kind } of await rowsOf(run, "SELECT id, kind FROM segment ORDER BY id")) {
    const rows = sealedRows(Number(kind) as Kind, [join(folder, `${Number(id)}.parquet`)]);
    await run(`INSERT INTO ${hotTable[Number(kind) as Kind]} BY NAME SELECT * FROM ${rows}`);
  }
  await run(
    "INSERT INTO arrival SELECT topic, kind, hour, 0, last_sequence + 1, NULL, logs, text_bytes, ipv6_logs, rules FROM segment; " +
      "UPDATE ingested SET text_bytes = text_bytes - (SELECT coalesce(sum(s.text_bytes), 0) FROM segment s WHERE s.topic = ingested.topic); " +
      "DELETE FROM segment",
  );
}
