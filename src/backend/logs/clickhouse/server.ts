/**
 * One ClickHouse server's HTTP interface: statements, answers, blocks of rows, and its errors as the store tells them.
 *
 * Over undici, which this project has anyway: what is needed is a POST and one header of its answer, and the official
 * client (2.4 MB more for everybody) takes no binary blocks.
 */
import { Agent, request } from "undici";
import { SearchTooSlow, StoreFailure, StoreUnreachable } from "../log-store.ts";
import type { StoreAddress, StoreHost } from "./address.ts";

/** How long one read may take, as the server measures it. */
export const readLimitSeconds = 60;

/** How long a write may take. */
const writeLimitMs = 300_000;

/** Most memory of one read. */
const readMemoryBytes = 4_000_000_000;

/** Settings of a statement. */
export type Settings = Readonly<Record<string, string | number>>;

/** Of every read: nothing may be changed by it, and neither time nor memory is without a bound. Queries may be long. */
const readSettings: Settings = {
  ...{ readonly: 1, max_execution_time: readLimitSeconds, timeout_overflow_mode: "throw", max_memory_usage: readMemoryBytes },
  ...{ max_query_size: 100_000_000, max_ast_elements: 5_000_000, max_expanded_ast_elements: 5_000_000, max_ast_depth: 10_000, max_parser_depth: 10_000 },
  ...{ output_format_json_quote_64bit_integers: 1, output_format_json_quote_denormals: 0, precise_float_parsing: 1 },
  ...{ skip_unavailable_shards: 0, wait_end_of_query: 1 },
};

/** An answer: the columns' names and types, and the rows. */
export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** The server refused a statement: its own code and words. */
export class ServerRefusal extends StoreFailure {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Nobody knows whether a statement was carried out: the connection ended before its answer came. */
export class ServerSilence extends StoreUnreachable {}

/** A server that a store speaks to. */
export class Server {
  /** `host:port`, as errors name it. */
  readonly name: string;
  private readonly address: StoreAddress;
  private readonly agent = new Agent({ headersTimeout: writeLimitMs, bodyTimeout: writeLimitMs, connect: { timeout: 10_000 } });

  constructor(address: StoreAddress, { host, port }: StoreHost) {
    this.address = address;
    this.name = `${host}:${port}`;
  }

  /** Runs a read. */
  async read(sql: string, settings: Settings = {}): Promise<Answer> {
    const parameters = { ...readSettings, ...settings, default_format: "JSONCompact" };
    // A connection that was idle may have been closed just now; a read can be asked again.
    const text = await this.post(parameters, sql).catch((error: unknown) => {
      if (error instanceof ServerSilence) return this.post(parameters, sql);
      throw error;
    });
    try {
      const answer = JSON.parse(text) as { meta: Answer["columns"]; data: Answer["rows"] };
      return { columns: answer.meta, rows: answer.data };
    } catch {
      throw this.strange(text);
    }
  }

  /** Runs a statement that changes something. */
  async run(sql: string, settings: Settings = {}): Promise<void> {
    await this.post(settings, sql);
  }

  /** Adds a block of rows in ClickHouse's own format. */
  async insert(table: string, columns: readonly string[], block: readonly Uint8Array[], settings: Settings): Promise<void> {
    const query = `INSERT INTO ${table} (${columns.join(", ")}) FORMAT Native`;
    await this.post({ query, ...settings }, Buffer.concat(block));
  }

  private async post(parameters: Settings, body: string | Uint8Array): Promise<string> {
    const query = new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]));
    let answer;
    try {
      answer = await request(`http://${this.name}/?${query.toString()}`, {
        method: "POST",
        dispatcher: this.agent,
        headers: { "X-ClickHouse-User": this.address.user, "X-ClickHouse-Key": this.address.password, "Content-Type": "application/octet-stream" },
        body,
      });
      const text = await answer.body.text();
      const code = Number(answer.headers["x-clickhouse-exception-code"] ?? 0);
      if (answer.statusCode === 200 && code === 0) return text;
      throw this.refusal(code, text);
    } catch (error) {
      if (error instanceof StoreFailure || error instanceof SearchTooSlow) throw error;
      throw this.silence(error);
    }
  }

  private silence(error: unknown): StoreFailure {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    const words = error instanceof Error && error.message !== "" ? error.message : code;
    const message = `the log store's server ${this.name} cannot be reached: ${words}`;
    // Where there was no connection, nothing was sent.
    return new (/^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/.test(code) ? StoreUnreachable : ServerSilence)(message);
  }

  private refusal(code: number, text: string): StoreFailure | SearchTooSlow {
    const words = plainWords(text);
    const { user, database } = this.address;
    if (code === 0) return this.strange(text);
    if (code === 159 || code === 160) return new SearchTooSlow(`the search took longer than ${readLimitSeconds} s`);
    if (code === 192 || code === 193 || code === 194 || code === 516) return new StoreRefused(`the log store's server ${this.name} refuses the user ${JSON.stringify(user)}: wrong password, or no such user`);
    if (code === 497) return new StoreRefused(`the user ${JSON.stringify(user)} may not do this in the database ${database} of ${this.name}: ${words}`);
    if (code === 243 || /No space left/i.test(text)) return new ServerRefusal(`the disk that holds the logs is full, on ${this.name}: ${words}`, code);
    if (code === 241) return new ServerRefusal(`the log store's server ${this.name} ran out of memory: ${words}`, code);
    if (code === 279 || code === 209 || code === 210) return new ServerRefusal(`a server of the log store's cluster cannot be reached: ${missingServers(text) || words}`, code);
    return new ServerRefusal(`${this.name}: ${words}`, code);
  }

  private strange(text: string): StoreFailure {
    return new StoreFailure(`${this.name} is no ClickHouse server: ${JSON.stringify(text.slice(0, 100))}`);
  }

  async close(): Promise<void> {
    await this.agent.close();
  }
}

/** The store's server answers, but not to this user. */
export class StoreRefused extends StoreFailure {}

/** The servers that another one could not reach, as it lists its attempts. */
function missingServers(text: string): string {
  return [...new Set([...text.matchAll(/\(([^\s(),]+:\d+)(?:, [^()]*)?\)/g)].map(([, server]) => server!))].join(", ");
}

/** A server's error without what only its developers need. */
function plainWords(text: string): string {
  const plain = text
    .trim()
    .split("\n")[0]!
    .replace(/^(Code: \d+\. )?(DB::Exception: )?/, "")
    .replace(/ ?\(version [^)]*\)$/, "")
    .replace(/: (In scope|while executing|While processing|While executing) .*$/s, "");
  return plain.length > 600 ? `${plain.slice(0, 600)}…` : plain;
}
