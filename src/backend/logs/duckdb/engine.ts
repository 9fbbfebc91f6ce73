/**
 * The embedded engine: one DuckDB database, opened when it is first needed, one writer at a time, several readers.
 *
 * A write is one transaction and is on disk when it resolves. A read sees one state of the database from its beginning
 * to its end. Nothing but the database's own file and the segments' folder can be reached through it.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import type { DuckDBConnection, DuckDBInstance, DuckDBMaterializedResult } from "@duckdb/node-api";
import type * as Duck from "@duckdb/node-api";
import { QueryFailure, SearchTooSlow, StoreFailure, StoreFull } from "../log-store.ts";
import { cheapestRead } from "./schema.ts";
import { sqlList } from "./sql.ts";

/** The client library, loaded with the first log: it takes 100 ms and 50 MB, which a cloud without logs is spared. */
export type DuckLibrary = typeof Duck;

/** How the engine is to work. */
export interface EngineOptions {
  /** The database's file, or `:memory:`. */
  readonly path: string;
  /** The only folders outside its own file that it may read and write. */
  readonly openFolders: readonly string[];
  /** Where sorts that outgrow memory are put down; undefined in memory. */
  readonly spillFolder: string | undefined;
  readonly memoryLimitMb: number;
  readonly threads: number;
  /** Makes the folders ready. */
  readonly beforeOpening: () => void;
}

/** Most reads at a time; the others wait their turn. */
const maxReaders = 4;

/** Runs statements inside a transaction. */
export type Run = (sql: string) => Promise<DuckDBMaterializedResult>;

/** A read of one state of the database. */
export interface Reader {
  readonly run: Run;
  /** No write was coming to its end when it began: it sees just what those have left whose outcome is known. */
  readonly isSettled: boolean;
}

/** What is to be done in memory when a write is on disk, or has failed; no other write comes between. */
export interface Outcome<R> {
  readonly committed?: (result: R) => void;
  readonly failed?: () => void;
}

/** What a write is handed. */
export interface Writer {
  readonly run: Run;
  readonly connection: DuckDBConnection;
  readonly library: DuckLibrary;
}

/** One DuckDB database and its connections. */
export class Engine {
  private readonly options: EngineOptions;
  private readonly prepare: (run: Run) => Promise<void>;
  private library: DuckLibrary | undefined;
  private instance: DuckDBInstance | undefined;
  private opening: Promise<void> | undefined;
  private writer: DuckDBConnection | undefined;
  private idle: DuckDBConnection[] = [];
  private readers = 0;
  private readonly waiting: (() => void)[] = [];
  private isCommitting = false;
  private commits = 0;
  private lastWrite: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  /** `prepare` runs once whenever the database has been opened. */
  constructor(options: EngineOptions, prepare: (run: Run) => Promise<void>) {
    this.options = options;
    this.prepare = prepare;
  }

  get isOpen(): boolean {
    return this.instance !== undefined;
  }

  /** Opens the database if it is not open. */
  open(): Promise<void> {
    if (this.isClosed) return Promise.reject(new StoreFailure("the log store is closed"));
    this.opening ??= this.openNow().catch((error: unknown) => {
      this.opening = undefined;
      throw this.ofFile("cannot be opened", storeFailure(error));
    });
    return this.opening;
  }

  /** A failure by the name of the database's file. */
  private ofFile(what: string, failure: unknown): unknown {
    const isNamed = !(failure instanceof StoreFailure) || failure instanceof StoreFull || failure.message.includes(this.options.path);
    return isNamed ? failure : new StoreFailure(`${this.options.path} ${what}: ${failure.message}`, { cause: failure });
  }

  private async openNow(): Promise<void> {
    const { path, openFolders, spillFolder, memoryLimitMb, threads } = this.options;
    this.library = await import("@duckdb/node-api");
    this.options.beforeOpening();
    if (path !== ":memory:" && !existsSync(path)) await makeDatabase(this.library, path);
    const instance = await this.library.DuckDBInstance.create(path, {
      memory_limit: `${memoryLimitMb}MB`,
      threads: String(threads),
      temp_directory: spillFolder ?? "",
      // A checkpoint costs as much as the commits before it; what is not checkpointed is read again after a crash (half a second).
      checkpoint_threshold: "64MB",
      // What was read lies in the system's cache already (measured: no slower), which gives it up when memory is wanted.
      enable_external_file_cache: "false",
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    try {
      const writer = await instance.connect();
      await this.prepare((sql) => writer.run(sql));
      if (openFolders.length > 0) await writer.run(`SET allowed_directories = ${sqlList(openFolders.map((folder) => `${folder}/`))}`);
      await writer.run("SET enable_external_access = false");
      await writer.run("SET lock_configuration = true");
      this.instance = instance;
      this.writer = writer;
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  /** Runs a write as one transaction, after all writes asked for before it. */
  write<R>(work: (writer: Writer) => Promise<R>, outcome: Outcome<R> = {}): Promise<R> {
    const turn = this.lastWrite.then(() => this.writeNow(work, outcome));
    this.lastWrite = turn.catch(() => {});
    return turn;
  }

  private async writeNow<R>(work: (writer: Writer) => Promise<R>, outcome: Outcome<R>): Promise<R> {
    await this.open();
    const connection = this.writer!;
    const run: Run = (sql) => connection.run(sql);
    try {
      await run("BEGIN");
      const result = await work({ run, connection, library: this.library! });
      this.isCommitting = true;
      this.commits++;
      await run("COMMIT");
      outcome.committed?.(result);
      return result;
    } catch (error) {
      await run("ROLLBACK").catch(() => {});
      outcome.failed?.();
      throw await this.failed(error);
    } finally {
      this.isCommitting = false;
    }
  }

  /** Runs statements outside of any transaction, such as the one that writes a segment, beside reads and writes. */
  async aside<R>(work: (run: Run) => Promise<R>): Promise<R> {
    return this.withReader((connection) => work((sql) => connection.run(sql)));
  }

  /** Runs reads over one state of the database; `limitMs` bounds them by the machine's time. */
  read<R>(work: (reader: Reader) => Promise<R>, limitMs?: number): Promise<R> {
    return this.withReader(async (connection) => {
      // The machine's time, not the cloud's: it bounds the work of this process, on a virtual clock too.
      const limit = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
      const interrupt = () => connection.interrupt();
      limit?.addEventListener("abort", interrupt);
      try {
        const [wasCommitting, commits] = [this.isCommitting, this.commits];
        // The transaction sees the state that there is when it first reads.
        await connection.run(`BEGIN TRANSACTION READ ONLY; ${cheapestRead}`);
        const isSettled = !wasCommitting && commits === this.commits;
        const run: Run = (sql) => {
          if (limit?.aborted === true) throw new SearchTooSlow();
          return connection.run(sql);
        };
        return await work({ run, isSettled });
      } catch (error) {
        if (limit?.aborted === true) throw new SearchTooSlow(`the search took longer than ${limitMs! / 1000} s`);
        throw error;
      } finally {
        limit?.removeEventListener("abort", interrupt);
        await connection.run("ROLLBACK").catch(() => {});
      }
    });
  }

  private async withReader<R>(work: (connection: DuckDBConnection) => Promise<R>): Promise<R> {
    await this.open();
    while (this.readers >= maxReaders) await new Promise<void>((resolve) => this.waiting.push(resolve));
    // It may have given up on itself meanwhile: then it is opened anew, or says why it cannot be.
    while (this.instance === undefined) await this.open();
    this.readers++;
    const { instance } = this;
    const connection = this.idle.pop() ?? (await instance.connect().catch((error: unknown) => this.leave(error)));
    try {
      return await work(connection);
    } catch (error) {
      throw error instanceof SearchTooSlow || error instanceof QueryFailure ? error : await this.failed(error);
    } finally {
      this.readers--;
      // A connection of a database that was opened anew meanwhile is let go.
      if (instance === this.instance) this.idle.push(connection);
      else connection.closeSync();
      this.waiting.shift()?.();
    }
  }

  /** A reader that got no connection makes room for the next. */
  private async leave(error: unknown): Promise<never> {
    this.readers--;
    this.waiting.shift()?.();
    throw await this.failed(error);
  }

  /** Makes an error one of the store; a database that gave up on itself is opened anew, so that reads go on. */
  private async failed(error: unknown): Promise<unknown> {
    if (!isEngineError(error)) return error;
    if (/database has been invalidated|FATAL Error/.test(error.message)) await this.reopen();
    const failure = storeFailure(error);
    return /Corrupt database file|Could not read enough bytes/.test(error.message) ? this.ofFile("cannot be read", failure) : failure;
  }

  private async reopen(): Promise<void> {
    this.release();
    // Whether it opens is told to whoever asks next.
    await this.open().catch(() => {});
  }

  private release(): void {
    const { instance, writer, idle } = this;
    this.instance = undefined;
    this.opening = undefined;
    this.writer = undefined;
    this.idle = [];
    for (const connection of idle) connection.closeSync();
    writer?.closeSync();
    instance?.closeSync();
  }

  /** Finishes what was asked for, then closes the file. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.lastWrite;
    await this.opening?.catch(() => {});
    while (this.readers > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.release();
  }
}

/** Makes an empty database, whole or not at all: on a full disk, or killed, the engine leaves a file that it cannot read. */
async function makeDatabase(library: DuckLibrary, path: string): Promise<void> {
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  try {
    (await library.DuckDBInstance.create(fresh, { autoinstall_known_extensions: "false", autoload_known_extensions: "false" })).closeSync();
    renameSync(fresh, path);
  } finally {
    for (const left of [fresh, `${fresh}.wal`]) rmSync(left, { force: true });
  }
}

function isEngineError(error: unknown): error is Error {
  // DuckDB's errors are plain ones that begin with their kind.
  return error instanceof Error && error.constructor === Error;
}

/** An engine's error as the store tells it: a full disk is called by its name. */
export function storeFailure(error: unknown): unknown {
  if (!isEngineError(error)) return error;
  const isFull = /No space left|File too large|Disk quota|ENOSPC|EFBIG/i.test(error.message);
  const words = error.message.split("\n")[0]!;
  return isFull ? new StoreFull(`the disk that holds the logs is full: ${words}`, { cause: error }) : new StoreFailure(words, { cause: error });
}
