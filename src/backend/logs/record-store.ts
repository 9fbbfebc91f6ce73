/**
 * Where the lines of topics are kept: written in batches, read newest or oldest first.
 *
 * A batch is on disk before `append` returns, whole or not at all. What a query means, `search.ts` knows.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** One log of a topic. */
export interface Log {
  readonly timeMs: number;
  /** The log stream: for flow logs, the ENI. */
  readonly stream: string;
  /** The log as one text. */
  readonly text: string;
  /** The log's values by key, in the order of the text. */
  readonly values: readonly (readonly [key: string, value: string])[];
  /** What is known of the log beside its text: for records, ENI placement, direction and the reason. */
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** A log as it is kept. */
export interface KeptLog extends Log {
  readonly topicId: string;
  /** Grows with every log kept: its place among logs of the same time. */
  readonly sequence: number;
}

/** What to read. */
export interface ReadRange {
  readonly topicIds: readonly string[];
  /** Unix milliseconds: from this one on, up to but not with the other. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly newestFirst: boolean;
}

const schema = `
  CREATE TABLE IF NOT EXISTS log (
    sequence INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    stream TEXT NOT NULL,
    text TEXT NOT NULL,
    key_values TEXT NOT NULL,
    tags TEXT NOT NULL,
    indexed INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS log_by_time ON log (topic, time_ms, sequence);
`;

/** The logs of all topics, in one SQLite file or in memory. */
export class RecordStore {
  private readonly database: DatabaseSync;
  private readonly insert: StatementSync;

  /** Opens `path`, creating it when it is not there; `:memory:` keeps nothing. */
  constructor(path: string) {
    this.database = new DatabaseSync(path);
    this.database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    this.database.exec(schema);
    this.insert = this.database.prepare(
      "INSERT INTO log (topic, time_ms, stream, text, key_values, tags, indexed) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
  }

  /** Keeps a batch of logs; `isIndexed`: an index that will let searches find them stands now. */
  append(topicId: string, logs: readonly Log[], isIndexed: boolean): void {
    this.database.exec("BEGIN");
    try {
      for (const { timeMs, stream, text, values, tags } of logs) {
        this.insert.run(topicId, timeMs, stream, text, JSON.stringify(values), JSON.stringify(tags), isIndexed ? 1 : 0);
      }
      this.database.exec("COMMIT");
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    }
  }

  /** The indexed logs of some topics in a stretch of time. */
  *read(range: ReadRange): Generator<KeptLog> {
    const order = range.newestFirst ? "DESC" : "ASC";
    const topics = range.topicIds.map(() => "?").join(", ");
    const query = this.database.prepare(
      `SELECT * FROM log WHERE topic IN (${topics}) AND time_ms >= ? AND time_ms < ? AND indexed = 1
       ORDER BY time_ms ${order}, sequence ${order}`,
    );
    for (const row of query.iterate(...range.topicIds, range.fromMs, range.toMs)) yield keptLog(row);
  }

  /** The log with this text in a log stream of any topic. */
  findLine(stream: string, text: string): KeptLog | undefined {
    const row = this.database.prepare("SELECT * FROM log WHERE stream = ? AND text = ? LIMIT 1").get(stream, text);
    return row && keptLog(row);
  }

  /** How many logs a topic holds, indexed or not. */
  count(topicId: string): number {
    const row = this.database.prepare("SELECT COUNT(*) AS n FROM log WHERE topic = ?").get(topicId);
    return Number(row?.["n"]);
  }

  /** How many log streams a topic has. */
  countStreams(topicId: string): number {
    const row = this.database.prepare("SELECT COUNT(DISTINCT stream) AS n FROM log WHERE topic = ?").get(topicId);
    return Number(row?.["n"]);
  }

  deleteTopic(topicId: string): void {
    this.database.prepare("DELETE FROM log WHERE topic = ?").run(topicId);
  }

  close(): void {
    this.database.close();
  }
}

function keptLog(row: Readonly<Record<string, unknown>>): KeptLog {
  return {
    topicId: String(row["topic"]),
    sequence: Number(row["sequence"]),
    timeMs: Number(row["time_ms"]),
    stream: String(row["stream"]),
    text: String(row["text"]),
    values: JSON.parse(String(row["key_values"])) as [string, string][],
    tags: JSON.parse(String(row["tags"])) as [string, string][],
  };
}
