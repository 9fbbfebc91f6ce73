/** Random queries as text, in either syntax, so that they are read as users' queries are. */
import type { Syntax } from "../../src/backend/logs/query/ast.ts";
import type { Chance } from "./chance.ts";
import { queryKeys, queryWords } from "./random-logs.ts";

/** A query; it may ask for what an index does not offer, or what is no query at all. */
export function randomQuery(chance: Chance, syntax: Syntax, depth = 3): string {
  if (depth > 0 && chance.percent(55)) {
    const part = () => randomQuery(chance, syntax, depth - 1);
    return chance.weighted([
      [4, () => `${part()} AND ${part()}`],
      [3, () => `${part()} OR ${part()}`],
      [3, () => `${part()} ${part()}`],
      [3, () => `NOT ${part()}`],
      [3, () => `(${part()})`],
    ])();
  }
  return chance.weighted([
    [6, () => word(chance, syntax)],
    [3, () => phrase(chance)],
    [6, () => `${key(chance)}:${word(chance, syntax)}`],
    [2, () => `${key(chance)}:${phrase(chance)}`],
    [1, () => `${key(chance)}:(${word(chance, syntax)} OR ${word(chance, syntax)})`],
    [1, () => `${key(chance)}:*`],
    [1, () => `${key(chance)}:""`],
    [4, () => range(chance, syntax)],
    [1, () => "*"],
  ])();
}

const key = (chance: Chance) => chance.of(queryKeys);

/** A word as the syntax spells it; one in four with a wildcard. */
function word(chance: Chance, syntax: Syntax): string {
  const text = chance.of(queryWords);
  const escape = (part: string) => part.replaceAll(syntax === "cql" ? /[ :"'*\\()<>=|]/g : /[ +\-&|!(){}[\]^"~*?:\\/<>=]/g, "\\$&");
  if (!chance.percent(25) || text.length < 2) return escape(text);
  const cut = 1 + chance.below(text.length - 1);
  const wildcard = syntax === "lucene" && chance.percent(30) ? "?" : "*";
  const skip = wildcard === "?" ? 1 : chance.below(3);
  return escape(text.slice(0, cut)) + wildcard + (chance.percent(50) ? escape(text.slice(cut + skip)) : "");
}

function phrase(chance: Chance): string {
  const text = chance.many(1, 3, () => chance.of(queryWords)).join(" ");
  return `"${text.replaceAll(/["\\*]/g, "\\$&")}"`;
}

function range(chance: Chance, syntax: Syntax): string {
  const number = () => chance.of(["0", "1", "22", "80", "443", "3389.5", "-1", "65535", "99999999999", "3389"]);
  const compare = chance.of([">", ">=", "<", "<="]);
  if (syntax === "cql") return `${key(chance)}${chance.of([":", ""])}${chance.of([compare, "="])}${number()}`;
  if (chance.percent(40)) return `${key(chance)}:${compare}${number()}`;
  const [from, to] = [chance.percent(15) ? "*" : number(), chance.percent(15) ? "*" : number()];
  return `${key(chance)}:${chance.of(["[", "{"])}${from} TO ${to}${chance.of(["]", "}"])}`;
}
