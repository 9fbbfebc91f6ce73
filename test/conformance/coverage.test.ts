/**
 * The coverage page: for every action of the cloud's services its success and each code of its list, proven by a case or
 * explained by a reason. The page is written by this test (`vitest run … -u` writes it anew).
 */
import { describe, expect, test } from "vitest";
import { type ActionName, actions } from "../../src/wire/actions.ts";
import type { ActionRow } from "../../src/wire/action.ts";
import { commonCodes, type ErrorCode } from "../../src/wire/errors.ts";
import { refusedVectors } from "../server/vectors.ts";
import { ways } from "../support/ways.ts";
import { cases } from "./cases.ts";
import { reasons } from "./reasons.ts";

const services = { vpc: "VPC, version 2017-03-12", cls: "Log service, version 2020-10-16", tag: "Tag service, version 2018-08-13" } as const;
const rows = Object.entries(actions as Record<string, ActionRow>).filter(([, { service, octetStream }]) => service !== "flowlogs" && octetStream === undefined) as [ActionName, ActionRow][];
const provenCodes = (action: ActionName) => Object.keys(cases[action]?.refusals ?? {}) as ErrorCode[];

/** The number of the reason for which an action never answers a code, from 1. */
function reasonFor(action: ActionName, code: ErrorCode): number | undefined {
  const isFor = ({ codes, of }: (typeof reasons)[number]) => codes.includes(code) && (of === undefined || of.includes(action));
  const index = reasons.findIndex((reason) => reason.of?.includes(action) === true && isFor(reason));
  const any = index === -1 ? reasons.findIndex(isFor) : index;
  return any === -1 ? undefined : any + 1;
}

describe("every cell of the page is filled", () => {
  test.each(rows)("%s", (action, { codes }) => {
    expect(cases[action], "a success").toBeDefined();
    const proven = provenCodes(action);
    const empty = codes.filter((code) => !proven.includes(code) && reasonFor(action, code) === undefined);
    expect(empty, "neither proven nor explained").toEqual([]);
    const both = codes.filter((code) => proven.includes(code) && reasonFor(action, code) !== undefined);
    expect(both, "proven, and yet said not to be reached").toEqual([]);
    expect(new Set(codes).size, "each code once").toBe(codes.length);
    const known: readonly string[] = [...codes, ...commonCodes];
    expect(proven.filter((code) => !known.includes(code)), "proven, but not of the list").toEqual([]);
  });

  test("every reason explains something", () => {
    const used = new Set(rows.flatMap(([action, { codes }]) => codes.map((code) => reasonFor(action, code))));
    expect(reasons.filter((_, index) => !used.has(index + 1)).map(({ why }) => why)).toEqual([]);
  });
});

test("the page", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/coverage.md");
});

function page(): string {
  const proven = rows.reduce((sum, [action]) => sum + provenCodes(action).length, 0);
  const explained = rows.reduce((sum, [action, { codes }]) => sum + codes.filter((code) => reasonFor(action, code) !== undefined).length, 0);
  return [
    "# What of the API is proven",
    "",
    "Every action of the cloud's services that the backend answers, with its success and each code of its list: proven by a",
    "case of the conformance suite, or explained. Written by `test/conformance/coverage.test.ts`; change the cases or the reasons",
    "beside it, then run `npx vitest run test/conformance/coverage.test.ts -u`.",
    "",
    `${rows.length} actions, each with its success; ${proven} refusals proven by cases, ${explained} explained below. Every case runs ${Object.keys(ways).length} ways:`,
    "",
    ...Object.keys(ways).map((name) => `- ${name}`),
    "",
    "A case of success also holds the answer against its table: the same fields, of the same kinds, as the official SDK declares",
    "them. The codes of an action are those of the cloud's own list for it. A number behind a code is the reason why it is",
    "never answered here (the list at the end).",
    ...Object.entries(services).flatMap(([service, title]) => ["", `## ${title}`, "", ...table(service)]),
    "",
    "## Codes that any action may answer",
    "",
    ...commonTable(),
    "",
    "## Why some codes are never answered",
    "",
    ...reasons.map(({ why }, index) => `${index + 1}. It ${/^(is|says) /.test(why) ? why : `is not reached: ${why}`}.`),
    "",
  ].join("\n");
}

function table(service: string): string[] {
  const lines = rows.filter(([, row]) => row.service === service).map(([action, { codes }]) => {
    const proven = provenCodes(action).toSorted().map((code) => `\`${code}\``);
    const numbers = new Map<number, ErrorCode[]>();
    for (const code of codes) {
      const number = reasonFor(action, code);
      if (number !== undefined) numbers.set(number, [...(numbers.get(number) ?? []), code]);
    }
    const explained = [...numbers].toSorted(([a], [b]) => a - b).map(([number, of]) => `${of.map((code) => `\`${code}\``).join(" ")} (${number})`);
    return `| ${action} | ✓ | ${proven.join(" ")} | ${explained.join("; ")} |`;
  });
  return ["| action | success | refusals proven | refusals explained |", "| --- | --- | --- | --- |", ...lines];
}

/** Why no request is ever answered so. */
const commonReasons: Readonly<Partial<Record<ErrorCode, string>>> = {
  "AuthFailure.InvalidSecretId": "a SecretId is known or not: `AuthFailure.SecretIdNotFound`",
  "AuthFailure.UnauthorizedOperation": "one key pair may do everything",
  InternalError: "a bug; the suite fails when a request provokes one",
  RequestLimitExceeded: "nothing here limits how often an action is called",
};

function commonTable(): string[] {
  const provokers = (code: ErrorCode) => rows.filter(([action]) => provenCodes(action).includes(code)).length;
  const vectors = (code: ErrorCode) => refusedVectors.filter((vector) => vector.code === code).length;
  const proof = (code: ErrorCode) => {
    const parts = [
      provokers(code) > 0 ? `cases of ${provokers(code)} actions` : "",
      vectors(code) > 0 ? `${vectors(code)} requests of test/server/authenticate.test.ts` : "",
    ].filter((part) => part !== "");
    const why = parts.length === 0 ? commonReasons[code] : undefined;
    expect(parts.length > 0 || why !== undefined, code).toBe(true);
    return parts.length > 0 ? parts.join(", ") : `never: ${why}`;
  };
  return ["| code | proven by |", "| --- | --- |", ...commonCodes.map((code) => `| \`${code}\` | ${proof(code)} |`)];
}
