/** Opens a ClickHouse store: looks at the servers, makes the tables, and reads what is noted of the logs in them. */
import type { IndexRule } from "../log-store.ts";
import { StoreFailure } from "../log-store.ts";
import type { StoreAddress } from "./address.ts";
import { kinds, type Notes } from "./notes.ts";
import { layoutVersion, type Seat, tableStatements } from "./schema.ts";
import type { Server } from "./server.ts";

/** The oldest ClickHouse that has all that is used here. */
const oldestVersion = [24, 8] as const;

/** How a store is spread over its servers. */
export interface Layout {
  readonly isSpread: boolean;
  readonly seats: ReadonlyMap<Server, Seat>;
}

/** Looks at every server: whether it is new enough, and where it stands in the cluster. */
export async function lookAt(address: StoreAddress, servers: readonly Server[]): Promise<Layout> {
  for (const server of servers) await checkVersion(server);
  if (address.cluster === undefined) return { isSpread: false, seats: new Map(servers.map((server) => [server, { keepsNotes: true, isReplicated: false, isSpread: false }])) };
  const nodes = new Map<Server, { shard: number; replicas: number; shards: number }>();
  for (const server of servers) nodes.set(server, await nodeOf(address.cluster, server, servers.length));
  const first = nodes.get(servers[0]!)!;
  const isSpread = first.shards > 1;
  const seatOf = ({ shard, replicas }: typeof first): Seat => ({ keepsNotes: shard === first.shard, isReplicated: replicas > 1, isSpread });
  return { isSpread, seats: new Map([...nodes].map(([server, node]) => [server, seatOf(node)])) };
}

async function checkVersion(server: Server): Promise<void> {
  const { rows } = await server.read("SELECT version()");
  const version = String(rows[0]![0]);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = oldestVersion;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new StoreFailure(`the log store's server ${server.name} is ClickHouse ${version}: ${oldestVersion.join(".")} is the oldest that serves`);
}

async function nodeOf(cluster: string, server: Server, named: number): Promise<{ shard: number; replicas: number; shards: number }> {
  const { rows } = await server.read(`SELECT shard_num, is_local FROM system.clusters WHERE cluster = '${cluster}'`);
  if (rows.length === 0) throw new StoreFailure(`the log store's server ${server.name} knows no cluster ${JSON.stringify(cluster)}`);
  if (rows.length !== named) throw new StoreFailure(`the cluster ${JSON.stringify(cluster)} has ${rows.length} servers, and the store's address names ${named}: it must name all`);
  const shards = new Set(rows.map(([shard]) => Number(shard)));
  const own = rows.find(([, isLocal]) => Number(isLocal) === 1);
  if (own === undefined) throw new StoreFailure(`the log store's server ${server.name} is not of the cluster ${JSON.stringify(cluster)} that it knows`);
  return { shard: Number(own[0]), replicas: rows.filter(([shard]) => shard === own[0]).length, shards: shards.size };
}

/** Makes the tables that are not there. */
export async function makeTables(address: StoreAddress, { seats }: Layout): Promise<void> {
  for (const [server, seat] of seats) for (const statement of tableStatements(address, seat)) await server.run(statement);
}

/** Refuses a database that another control plane's logs are in, which would delete what it knows nothing of. */
export async function checkOwner({ database, shown }: StoreAddress, server: Server, owner: string): Promise<void> {
  const find = async () => (await server.read(`SELECT id, layout FROM ${database}.owner`)).rows;
  let found = await find();
  if (found.length === 0) {
    await server.run(`INSERT INTO ${database}.owner VALUES ('${owner}', ${layoutVersion})`);
    found = await find();
  }
  const layout = Number(found[0]![1]);
  if (layout !== layoutVersion) throw new StoreFailure(`the log store ${shown} has layout version ${layout}; this backend reads version ${layoutVersion}`);
  if (found.every(([id]) => id === owner)) return;
  throw new StoreFailure(`the log store ${shown} holds the logs of another backend's topics: name another database, or start the backend with the data folder that it belongs to`);
}

/** Reads what has arrived, under which rules, and how much of it is removed. */
export async function readNotes({ database }: StoreAddress, server: Server, notes: Notes): Promise<void> {
  notes.clear();
  const sums = "sum(logs), sum(text_bytes), sum(ipv6_logs)";
  const arrived = await server.read(`SELECT topic, kind, hour, ${sums} FROM ${database}.arrival WHERE logs > 0 GROUP BY topic, kind, hour`);
  for (const [topic, kind, hour, logs, textBytes, ipv6Logs] of arrived.rows) {
    notes.arrive(String(topic), kinds[Number(kind)]!, [{ hour: Number(hour), logs: Number(logs), textBytes: Number(textBytes), ipv6Logs: Number(ipv6Logs) }]);
  }
  const rules = await server.read(`SELECT DISTINCT topic, id, body FROM ${database}.rule`);
  for (const [topic, id, body] of rules.rows) notes.addRule(String(topic), String(id), readRule(String(body)));
  const deleted = await server.read(`SELECT topic, count() FROM ${database}.deletion GROUP BY topic`);
  for (const [topic, count] of deleted.rows) notes.countDeletions(String(topic), Number(count));
  const removed = await server.read(`SELECT topic, max(hour) FROM ${database}.expiry GROUP BY topic`);
  for (const [topic, hour] of removed.rows) notes.removeBefore(String(topic), Number(hour));
}

/** An index rule as text. */
export function writeRule({ fullText, keyValue, tag }: IndexRule): string {
  return JSON.stringify([fullText ?? null, keyValue ?? null, tag ?? null]);
}

function readRule(body: string): IndexRule {
  const [fullText, keyValue, tag] = JSON.parse(body) as (object | null)[];
  return { fullText: fullText ?? undefined, keyValue: keyValue ?? undefined, tag: tag ?? undefined } as IndexRule;
}
