/**
 * The questions, each as our API asks it and as SQL asks it of the other engines. Those want the latest records ask hour
 * by hour, newest first, in growing steps, until they have enough: our store by itself, for the others the benchmark does it.
 */
import { formatIpv4 } from "../../../src/net/address.ts";
import { beginSeconds, type Chance, eniAddress, eniId, hours, needle, outsider, outsiders, enis } from "./records.ts";

/** A question. */
export interface Question {
  readonly name: string;
  /** Our query, and the topics that are asked; a histogram's is asked of each topic in turn. */
  readonly own: { readonly action: "SearchLog" | "DescribeLogHistogram"; readonly query: string; readonly topics: readonly number[] };
  /** SQL for the others, over the table `flow`; with a step, `{from}` and `{to}` stand for hours since 1970. */
  readonly sql: string;
  /** How far back the first step reaches, in hours, and how many rows are enough; undefined: one step for all. */
  readonly step?: { readonly rows: number };
  /** What the answer is compared by: its rows, or the number in it. */
  readonly by: "rows" | "number";
}

export const firstHour = beginSeconds / 3600;
const all = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const columns = "topic, eni, src, dst, sport, dport, protocol, packets, bytes, start, stop, action";

const search = (query: string, topics: readonly number[] = all) => ({ action: "SearchLog", query, topics }) as const;

/** An address anywhere; rare ones are asked for at once, others step by step. */
export function addressQuestion(name: string, address: number, isRare: boolean): Question {
  const sql = `SELECT ${columns} FROM flow WHERE {hours} AND src = ${address} UNION ALL SELECT ${columns} FROM flow WHERE {hours} AND dst = ${address} AND src <> ${address}`;
  return { name, own: search(formatIpv4(address)), sql: `SELECT * FROM (${sql}) AS found ORDER BY start DESC LIMIT 100`, by: "rows", ...(isRare ? {} : { step: { rows: 100 } }) };
}

/** A word, a port anywhere, and an address that is everywhere. */
export function multiQuestion(address: number): Question {
  const anywhere = "action = 2 AND (sport = 3389 OR dport = 3389 OR packets = 3389 OR bytes = 3389)";
  const sql = `SELECT ${columns} FROM flow WHERE {hours} AND ${anywhere} AND src = ${address} UNION ALL SELECT ${columns} FROM flow WHERE {hours} AND ${anywhere} AND dst = ${address} AND src <> ${address}`;
  return { name: "several keywords, popular address", own: search(`REJECT AND 3389 AND ${formatIpv4(address)}`), sql: `SELECT * FROM (${sql}) AS found ORDER BY start DESC LIMIT 100`, by: "rows", step: { rows: 100 } };
}

/** A port that is met seldom, and an address that is everywhere: fewer than are wanted, so that all hours are looked through. */
export function seldomQuestion(address: number): Question {
  const anywhere = `(sport = ${seldomPort} OR dport = ${seldomPort} OR packets = ${seldomPort} OR bytes = ${seldomPort})`;
  const sql = `SELECT ${columns} FROM flow WHERE ${anywhere} AND src = ${address} UNION ALL SELECT ${columns} FROM flow WHERE ${anywhere} AND dst = ${address} AND src <> ${address}`;
  return { name: "a seldom port and a popular address", own: search(`${seldomPort} AND ${formatIpv4(address)}`), sql: `SELECT * FROM (${sql}) AS found ORDER BY start DESC LIMIT 100`, by: "rows" };
}

/** One of the ephemeral ports. */
const seldomPort = 60_001;

/** Addresses with few records: their ranks are far back. Addresses that are not there, drawn from the same networks. */
export function rareAddress(chance: Chance): number {
  return outsider(500_000 + chance.below(outsiders - 500_000));
}

export function absentAddress(chance: Chance): number {
  return (0xc6336400 + chance.below(65_536)) >>> 0;
}

/** An address as traffic draws it. */
export function drawnAddress(chance: Chance): number {
  return chance.below(2) === 0 ? outsider(chance.logUniform(outsiders)) : eniAddress(chance.logUniform(enis));
}

/** One of the hundred ENIs with the most traffic. */
export function popularAddress(chance: Chance): number {
  return eniAddress(chance.below(100));
}

/** One of those ENIs, but of the ten with the most. */
export function popularButNotFirst(chance: Chance): number {
  return eniAddress(10 + chance.below(90));
}

/** All other questions. */
export const questions: readonly Question[] = [
  addressQuestion("the needle", needle, true),
  {
    name: "key:value count",
    own: search("dstport:22 AND action:REJECT | select count(*) as n"),
    sql: "SELECT count(*) AS n FROM flow WHERE dport = 22 AND action = 2",
    by: "number",
  },
  {
    name: "prefix 203.0.113.*",
    own: search("203.0.113.*"),
    sql: `SELECT * FROM (SELECT ${columns} FROM flow WHERE src BETWEEN 3405803776 AND 3405804031 UNION ALL SELECT ${columns} FROM flow WHERE dst BETWEEN 3405803776 AND 3405804031 AND NOT (src BETWEEN 3405803776 AND 3405804031)) AS found ORDER BY start DESC LIMIT 100`,
    by: "rows",
  },
  {
    name: "histogram, all topics",
    own: search("* | select histogram(cast(__TIMESTAMP__ as timestamp), interval 1 minute) as t, action, count(*) as n group by t, action order by t, action limit 10000"),
    sql: "SELECT {minute} AS t, action, count(*) AS n FROM flow GROUP BY t, action ORDER BY t, action LIMIT 10000",
    by: "rows",
  },
  {
    name: "histogram of a condition, one topic",
    own: { action: "DescribeLogHistogram", query: "dstport:22 AND action:REJECT", topics: [1] },
    sql: "SELECT sum(n) AS n FROM (SELECT {tenMinutes} AS t, count(*) AS n FROM flow WHERE {topic1} AND dport = 22 AND action = 2 GROUP BY t) AS found",
    by: "number",
  },
  {
    name: "one stream's latest 100",
    own: search(`interface-id:"${eniId(1)}"`, [1]),
    sql: `SELECT ${columns} FROM flow WHERE {hours} AND {topic1} AND {eni1} ORDER BY start DESC LIMIT 100`,
    by: "rows",
    step: { rows: 100 },
  },
  {
    name: "key:value latest 100",
    own: search("dstport:22 AND action:REJECT"),
    sql: `SELECT ${columns} FROM flow WHERE {hours} AND dport = 22 AND action = 2 ORDER BY start DESC LIMIT 100`,
    by: "rows",
    step: { rows: 100 },
  },
  {
    name: "latest 100 of all",
    own: search("*"),
    sql: `SELECT ${columns} FROM flow WHERE {hours} ORDER BY start DESC LIMIT 100`,
    by: "rows",
    step: { rows: 100 },
  },
  {
    name: "top talkers",
    own: search("* | select srcaddr, sum(bytes) as n group by srcaddr order by 2 desc limit 10"),
    sql: "SELECT src, sum(bytes) AS n FROM flow GROUP BY src ORDER BY n DESC LIMIT 10",
    by: "rows",
  },
  {
    name: "fan-out, one topic",
    own: search("* | select srcaddr, count(distinct dstaddr) as n group by srcaddr order by n desc limit 10", [1]),
    sql: "SELECT src, {distinct}(dst) AS n FROM flow WHERE {topic1} GROUP BY src ORDER BY n DESC LIMIT 10",
    by: "rows",
  },
];

/** Hours of the steps, newest first: one, two, four and so on. */
export function* steps(): Generator<readonly [from: number, to: number]> {
  let to = firstHour + hours;
  for (let size = 1; to > firstHour; size *= 2) {
    const from = Math.max(firstHour, to - size);
    yield [from, to];
    to = from;
  }
}

/** Asks a question in SQL: in steps where it has them. */
export async function askInSql(question: Question, dialect: Readonly<Record<string, string>>, run: (sql: string) => Promise<readonly (readonly unknown[])[]>): Promise<{ count: number }> {
  const filled = (hoursOfStep: string) => question.sql.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === "hours" ? hoursOfStep : dialect[name]!));
  if (question.step === undefined) {
    const rows = await run(filled("1 = 1"));
    return { count: question.by === "rows" ? rows.length : Number(rows[0]![0]) };
  }
  let count = 0;
  for (const [from, to] of steps()) {
    count += (await run(filled(`hour >= ${from} AND hour < ${to}`))).length;
    if (count >= question.step.rows) break;
  }
  return { count: Math.min(count, question.step.rows) };
}
