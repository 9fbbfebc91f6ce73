/** Requests made by chance from the wire's own rules: mostly sensible, sometimes not. */
import type { Field, Fields, TextField } from "../../src/wire/fields.ts";
import type { Random } from "../../src/backend/ids.ts";

/** What requests are made with: chance, and the ids of what stands. */
export interface Maker {
  readonly random: Random;
  /** Ids that a field with this pattern may name. */
  readonly idsFor: (pattern: RegExp) => readonly string[];
}

const junk: readonly unknown[] = [null, "", 0, -1, 1.5, 1e20, true, "x", "\u0000", "流", [], {}, [null], [[]], { a: 1 }, "x".repeat(600), "true", "7"];

const samples = {
  ipv4: ["10.0.1.9", "10.0.1.10", "192.0.2.1"],
  ipv6: ["2001:db8::9", "::1"],
  "ipv4-cidr": ["0.0.0.0/0", "10.0.0.0/8", "10.0.1.9"],
  "ipv6-cidr": ["::/0", "2001:db8::/56"],
  "ipv4-network": ["10.0.1.0/24", "10.0.2.0/24", "10.0.0.0/16", "172.16.0.0/24"],
  "ipv6-network": ["2001:db8::/56", "2001:db8::/64"],
  "vpc-network": ["10.0.0.0/16", "172.16.0.0/16", "192.168.0.0/24"],
  ports: ["80", "8000-8010", "80,443", "all"],
  ascii: ["token-1", "token-2"],
} as const;

/** Filters' names and other words that mean something somewhere. */
const words = [
  "a", "b", "name", "vpc-id", "subnet-id", "tag-key", "tag:a", "direction", "poly", "zone", "topicId", "logsetId", "topicName", "ap-guangzhou-3",
  "ap-guangzhou", "ALL", "INBOUND", "*", "appid-max-vpcs", "0", "qcs::vpc:ap-guangzhou:uin/:vpc/vpc-00000000", "my-own-1250000000", "address-id",
  "constructor", "__proto__",
];

export function chance(random: Random, oneIn: number): boolean {
  return random.next() % oneIn === 0;
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.next() % items.length]!;
}

/** A request for these fields. */
export function randomRequest(maker: Maker, fields: Fields): Record<string, unknown> {
  const { random } = maker;
  const request: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const isGiven = field.required ? !chance(random, 30) : field.unsupported === undefined ? chance(random, 4) : chance(random, 60);
    if (isGiven) request[name] = randomValue(maker, field);
  }
  if (chance(random, 60)) request[pick(random, ["Nonsense", "__proto__", "constructor", "VpcIdd"])] = pick(random, junk);
  return request;
}

function randomValue(maker: Maker, field: Field): unknown {
  const { random } = maker;
  if (chance(random, 40)) return pick(random, junk);
  switch (field.kind) {
    case "text":
      return randomText(maker, field);
    case "integer":
    case "number":
      return (field.min ?? 0) + (random.next() % Math.min(1 + (field.max ?? 1000) - (field.min ?? 0), chance(random, 3) ? 1000 : 3));
    case "flag":
      return chance(random, 2);
    case "list":
      return Array.from({ length: (field.minItems ?? 0) + (random.next() % 3) }, () => randomValue(maker, field.of));
    case "group":
      return randomGroup(maker, field.fields, field.exactlyOneOf);
  }
}

function randomGroup(maker: Maker, fields: Fields, exactlyOneOf: readonly string[] | undefined): object {
  const group = randomRequest(maker, fields);
  if (exactlyOneOf === undefined || chance(maker.random, 10)) return group;
  const others = Object.entries(group).filter(([name]) => !exactlyOneOf.includes(name));
  const chosen = pick(maker.random, exactlyOneOf);
  return { ...Object.fromEntries(others), [chosen]: randomValue(maker, fields[chosen]!) };
}

function randomText(maker: Maker, field: TextField): string {
  const { random } = maker;
  if (field.oneOf !== undefined) return pick(random, field.oneOf);
  if (field.format !== undefined) return pick(random, samples[field.format]);
  const ids = field.pattern === undefined ? [] : maker.idsFor(field.pattern);
  if (ids.length > 0) return pick(random, ids);
  const fitting = field.pattern === undefined ? words : words.filter((word) => field.pattern!.test(word));
  return fitting.length > 0 ? pick(random, fitting) : pick(random, words);
}
