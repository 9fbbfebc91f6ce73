/** Parameters in a query string or a form: `Tags.0.Key=a` for `{ Tags: [{ Key: "a" }] }`. */

/** What one flattened request may hold, so that a hostile query cannot build a giant value. */
const maxDepth = 12;
const maxListIndex = 10_000;

type Node = Map<string, Node | string>;

/** Rebuilds nested parameters from `A.0.B=value` pairs; undefined when the names contradict each other. */
export function unflatten(pairs: Iterable<readonly [string, string]>): Record<string, unknown> | undefined {
  const root: Node = new Map();
  for (const [name, value] of pairs) {
    const steps = name.split(".");
    if (steps.length > maxDepth || !place(root, steps, value)) return undefined;
  }
  return Object.fromEntries([...root].map(([name, child]) => [name, toValue(child)]));
}

function place(root: Node, steps: readonly string[], value: string): boolean {
  let node = root;
  for (const step of steps.slice(0, -1)) {
    const next = node.get(step) ?? new Map<string, Node | string>();
    if (typeof next === "string") return false;
    node.set(step, next);
    node = next;
  }
  const last = steps.at(-1)!;
  if (node.has(last)) return false;
  node.set(last, value);
  return true;
}

function toValue(node: Node | string): unknown {
  if (typeof node === "string") return node;
  const entries = [...node].map(([name, child]) => [name, toValue(child)] as const);
  const isList = entries.every(([name]) => /^\d+$/.test(name) && Number(name) <= maxListIndex);
  if (!isList) return Object.fromEntries(entries);
  return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

/** Spells nested parameters as `A.0.B=value` pairs, the form that GET requests and signature version 1 use. */
export function flatten(value: Readonly<Record<string, unknown>>): [string, string][] {
  const pairs: [string, string][] = [];
  const walk = (prefix: string, node: unknown) => {
    if (node === undefined || node === null) return;
    if (typeof node === "object") {
      for (const [name, child] of Object.entries(node)) walk(`${prefix}.${name}`, child);
    } else pairs.push([prefix, typeof node === "string" ? node : JSON.stringify(node)]);
  };
  for (const [name, child] of Object.entries(value)) walk(name, child);
  return pairs;
}
