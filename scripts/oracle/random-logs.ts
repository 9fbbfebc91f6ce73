/** Random logs for queries to be held against: records with few different values, logs of keys and values, index rules. */
import type { IndexRule, Log } from "../../src/backend/logs/log-store.ts";
import type { IndexedKey } from "../../src/backend/logs/topic.ts";
import { noReason, type RecordBatch } from "../../src/backend/record-batch.ts";
import type { Reason } from "../../src/backend/vpc/reason.ts";
import type { Chance } from "./chance.ts";

/** When the logs begin, in Unix seconds: the beginning of an hour. */
export const beginSeconds = 1_795_341_600;

const mostHours = 4;

const enis = ["eni-lq6mkcis", "eni-abcd1234", "eni-abcd5678", "eni-22000080"];
const ipv4 = [0xcb00710c, 0xcb007101, 0xac101022, 0xac10090c, 0x0a000001, 0, 0xffffffff, 0x16161616];
const ipv6 = ["20010db8000000000000000000000001", "20010db8002200000000000000003389", "00000000000000000000000000000001", "00000000000000000000ffffcb00710c"];
const ports = [0, 22, 80, 443, 3389, 33890, 65_535, 49_761];

const reasons: readonly Reason[] = [
  { layer: "security-group", direction: "ingress", action: "REJECT", id: "sg-22000080", ruleIndex: 3, because: "rule" },
  { layer: "network-acl", direction: "egress", action: "REJECT", id: "acl-abcd1234", ruleIndex: -1, because: "no-rule-matched" },
  { layer: "security-group", direction: "egress", action: "ACCEPT", id: "", ruleIndex: -1, because: "nothing-bound" },
];

/** A batch of records; one in ten of a status, one in six with IPv6 where `hasIpv6`. */
export function randomBatch(chance: Chance, id: string, count: number, hasIpv6: boolean, hours = mostHours): RecordBatch {
  const column = <A extends { [place: number]: number }>(array: A, value: (row: number) => number): A => {
    for (let row = 0; row < count; row++) array[row] = value(row);
    return array;
  };
  const status = column(new Uint8Array(count), () => (chance.percent(10) ? 1 + chance.below(2) : 0));
  const ofFlow = (value: () => number) => (row: number) => (status[row] === 0 ? value() : 0);
  const family = column(new Uint8Array(count), ofFlow(() => (hasIpv6 && chance.percent(16) ? 6 : 4)));
  const address = (row: number) => (family[row] === 6 ? chance.below(ipv6.length) : family[row] === 4 ? chance.of(ipv4) : 0);
  const start = column(new Uint32Array(count), () => beginSeconds + chance.below(hours * 3600));
  return {
    ...{ id, count, accountId: "1250000080", enis: enis.map((eni, place) => ({ id: eni, vpcId: `vpc-${place % 2}`, subnetId: `subnet-${place}` })) },
    ...{ eni: column(new Uint32Array(count), () => chance.below(enis.length)), family },
    ...{ src: column(new Uint32Array(count), address), dst: column(new Uint32Array(count), address) },
    ipv6: new Uint8Array(Buffer.from(ipv6.join(""), "hex")),
    srcPort: column(new Uint16Array(count), ofFlow(() => chance.of(ports))),
    dstPort: column(new Uint16Array(count), ofFlow(() => chance.of(ports))),
    protocol: column(new Uint8Array(count), ofFlow(() => chance.of([1, 6, 17, 22]))),
    packets: column(new Float64Array(count), ofFlow(() => chance.of([1, 22, 80, 5_000_000_000]))),
    bytes: column(new Float64Array(count), ofFlow(() => chance.of([60, 443, 3389, 2 ** 52 + 1]))),
    start,
    end: column(new Uint32Array(count), (row) => start[row]! + chance.below(60)),
    action: column(new Uint8Array(count), ofFlow(() => 1 + chance.below(2))),
    status,
    direction: column(new Uint8Array(count), ofFlow(() => 1 + chance.below(2))),
    reasons,
    reason: column(new Uint32Array(count), (row) => (status[row] === 0 && chance.percent(80) ? chance.below(reasons.length) : noReason)),
    skippedPackets: column(new Float64Array(count), (row) => (status[row] === 2 ? 1 + chance.below(30) : 0)),
    skippedBytes: column(new Float64Array(count), (row) => (status[row] === 2 ? 1 + chance.below(3000) : 0)),
  };
}

const words = ["error", "Error", "errorMessage", "GET", "/a/b", "/a/b/c", "timeout", "22", "-7", "3.5", "1e3", "Straße", "STRASSE", "日志", "", "203.0.113.12", "a b", "a,b;c", "it's", "x\"y", "90000000000000000000"];

/** Logs of a few keys, some of them missing. */
export function randomLogs(chance: Chance, count: number, hours = mostHours): Log[] {
  return Array.from({ length: count }, () => ({
    timeMs: beginSeconds * 1000 + chance.below(hours * 3_600_000),
    stream: chance.of(["app.log", "/var/log/x", ""]),
    source: chance.of(["10.0.0.1", "host-1"]),
    values: ["message", "level", "code", "action"].filter(() => chance.percent(75)).map((key) => [key, value(chance)] as const),
    tags: ["direction", "zone"].filter(() => chance.percent(50)).map((key) => [key, value(chance)] as const),
  }));
}

const value = (chance: Chance) => chance.many(1, 3, () => chance.of(words)).join(chance.of([" ", " ", "/", ""]));

const usual = "@&?|#()='\",;:<>[]{}/ \n\t\r\\";
const tokenizers = [usual, usual, usual, " ", `${usual}.`, `${usual}-`, "", ",;", `${usual}0`];

const keyNames = ["srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "action", "log-status", "interface-id", "version", "account-id", "message", "level", "code"];
const tagNames = ["direction", "vpc-id", "decided-by", "decided-id", "decided-rule", "skipped-packets", "zone"];

/** An index; one in five has no full text, one in five no keys. */
export function randomRule(chance: Chance): IndexRule {
  const keys = (names: readonly string[]): IndexedKey[] =>
    names.filter(() => chance.percent(95)).map((key) => {
      const type = chance.weighted([[6, "text"], [5, "long"], [1, "double"], [1, "json"]] as const);
      return { key, type, tokenizer: type === "text" || type === "json" ? chance.of(tokenizers) : "", sql: true };
    });
  return {
    fullText: chance.percent(93) ? { caseSensitive: chance.percent(50), tokenizer: chance.of(tokenizers) } : undefined,
    keyValue: chance.percent(93) ? { caseSensitive: chance.percent(50), keys: keys(keyNames) } : undefined,
    tag: chance.percent(90) ? { caseSensitive: chance.percent(50), keys: keys(tagNames) } : undefined,
  };
}

/** Words that queries are made of: what stands in the logs, and what nearly does. */
export const queryWords: readonly string[] = [
  ...words.filter((word) => word !== ""),
  ...enis,
  ...["203.0.113.12", "203.0.113.1", "172.16.16.34", "10.0.0.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "2001:db8:22::3389", "::1"],
  ...["22", "80", "443", "3389", "6", "17", "1", "2", "0", "5000000000", "4503599627370497", "-", "accept", "REJECT", "ok", "NODATA", "SKIPDATA"],
  ...["ingress", "vpc-0", "security-group", "sg-22000080", "app.log", "host-1", "flow-log", "1250000080", String(beginSeconds + 1800)],
];

/** Keys that queries name, some of which no index has. */
export const queryKeys: readonly string[] = [...keyNames, ...tagNames.map((name) => `__TAG__.${name}`), "__SOURCE__", "__FILENAME__"];
