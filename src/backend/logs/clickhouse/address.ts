/** Where a ClickHouse store is: `clickhouse://[user[:password]@]host[:port][,host[:port]…]/database[?cluster=NAME]`. */

/** One server's HTTP interface. */
export interface StoreHost {
  readonly host: string;
  readonly port: number;
}

/** A store's address, read. */
export interface StoreAddress {
  /** All servers of the cluster; the first one is asked and written to. */
  readonly hosts: readonly [StoreHost, ...StoreHost[]];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The cluster, as the servers' own configuration calls it, over whose shards records are spread. */
  readonly cluster: string | undefined;
  /** The address without its password: what may be shown. */
  readonly shown: string;
}

/** The address cannot be read; the message names it without its password. */
export class StoreAddressError extends Error {
  override readonly name = "StoreAddressError";
}

/** The port of ClickHouse's HTTP interface, where an address names none. */
const defaultPort = 8123;

/** Most servers of one address. */
const maxHosts = 256;

const form = "clickhouse://[user[:password]@]host[:port][,host[:port]…]/database[?cluster=NAME]";

/** What a database or a cluster may be called: what needs no quoting anywhere. */
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reads an address; `password` is used where the address holds none. */
export function readStoreAddress(text: string, password = ""): StoreAddress {
  const found = /^clickhouse:\/\/(?:([^@/?]*)@)?([^@/?]+)\/([^/?]+)(?:\?(.*))?$/.exec(text);
  if (found === null) throw new StoreAddressError(`${JSON.stringify(redacted(text))} is no address of a store: it is written ${form}`);
  const [, who, where, database, rest = ""] = found;
  const refuse = (words: string) => new StoreAddressError(`${JSON.stringify(redacted(text))}: ${words}`);
  const [user = "", ...secret] = (who ?? "").split(":");
  const hosts = where!.split(",").map((each) => readHost(each, refuse));
  if (hosts.length > maxHosts) throw refuse(`${hosts.length} servers are more than ${maxHosts}`);
  if (!namePattern.test(database!)) throw refuse(`the database ${JSON.stringify(database)} must be letters, digits and _`);
  const cluster = readCluster(rest, refuse);
  if (hosts.length > 1 && cluster === undefined) throw refuse("several servers need ?cluster=NAME, the cluster that they form");
  return {
    hosts: hosts as [StoreHost, ...StoreHost[]],
    user: decoded(user, refuse) || "default",
    password: secret.length === 0 ? password : decoded(secret.join(":"), refuse),
    database: database!,
    cluster,
    shown: redacted(text),
  };
}

/** An address, or what should be one, without the password in it. */
export function redacted(text: string): string {
  return text.replace(/^(\w+:\/\/[^:@/]*):.*@/s, "$1:***@");
}

function readHost(text: string, refuse: (words: string) => Error): StoreHost {
  const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(port ?? defaultPort) > 65_535 || port === "0") throw refuse(`${JSON.stringify(text)} is no server: host or host:port`);
  return { host, port: Number(port ?? defaultPort) };
}

function readCluster(rest: string, refuse: (words: string) => Error): string | undefined {
  const asked = new URLSearchParams(rest);
  for (const name of asked.keys()) if (name !== "cluster") throw refuse(`${JSON.stringify(name)} is no setting of a store: cluster is`);
  const cluster = asked.get("cluster");
  if (cluster === null) return undefined;
  if (!namePattern.test(cluster)) throw refuse(`the cluster ${JSON.stringify(cluster)} must be letters, digits and _`);
  return cluster;
}

function decoded(text: string, refuse: (words: string) => Error): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse("user and password are percent-encoded, and a % stands there alone");
  }
}
