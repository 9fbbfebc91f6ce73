/**
 * The one validator: holds a request against an action's field rules.
 *
 * The server answers the first violation as an error; a preview shows every one, in the same words. Values are read
 * leniently where clients differ (a number as a string) and come out in exactly the kind the rule names.
 */
import type { ErrorCode } from "./errors.ts";
import type { Field, Fields, FlagField, GroupField, IntegerField, ListField, NumberField, TextField } from "./fields.ts";
import { formats } from "./formats.ts";

/** How a value breaks its rule; each API family has its own error codes for these. */
export type ViolationKind =
  | "unknown"
  | "guessed"
  | "missing"
  | "kind"
  | "empty"
  | "tooLong"
  | "range"
  | "malformed"
  | "count"
  | "coexist"
  | "refused";

/** One broken rule: where (`Tags.0.Key`), how, and in words that name the field and the value. */
export interface Violation {
  readonly path: string;
  readonly kind: ViolationKind;
  readonly message: string;
  /** The field's own code for it, if it has one. */
  readonly code?: ErrorCode | undefined;
}

/** The outcome of a validation: the request in exact kinds, and what is wrong with it. */
export interface Validated {
  readonly value: Record<string, unknown>;
  readonly violations: readonly Violation[];
}

/** Values for which nothing can be said yet (Pulumi's unknowns during a preview) pass every rule. */
export type IsUnknown = (value: unknown) => boolean;

/** Holds `input` against `fields`; never throws for anything the input contains. */
export function validate(fields: Fields, input: unknown, isUnknown: IsUnknown = () => false): Validated {
  const violations: Violation[] = [];
  const value = readGroup({ kind: "group", fields }, input, "", { violations, isUnknown });
  return { value: (value ?? {}) as Record<string, unknown>, violations };
}

interface Reading {
  readonly violations: Violation[];
  readonly isUnknown: IsUnknown;
}

/** A value as an error message shows it: short, quoted, one line. */
export function shown(value: unknown): string {
  const printed = JSON.stringify(shallow(value, 3)) ?? String(value);
  return printed.length > 80 ? `${printed.slice(0, 77)}...` : printed;
}

/** A value without what lies deeper: a request may be nested deeper than it can be printed. */
function shallow(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return "...";
  if (Array.isArray(value)) return value.slice(0, 20).map((item) => shallow(item, depth - 1));
  const entries = Object.entries(value).slice(0, 20);
  return Object.fromEntries(entries.map(([name, child]) => [name, shallow(child, depth - 1)]));
}

type Codes = Field["codes"];

function report(reading: Reading, path: string, kind: ViolationKind, words: string, codes?: Codes): undefined {
  reading.violations.push({ path, kind, message: path === "" ? words : `${path}: ${words}`, code: codes?.[kind] });
  return undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readGroup(rule: GroupField, input: unknown, path: string, reading: Reading): unknown {
  const { fields } = rule;
  if (!isPlainObject(input)) return report(reading, path, "kind", `${shown(input)} must be an object`, rule.codes);
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(fields, name)) reportUnknown(fields, name, input[name], at(name), reading);
  }
  const output: Record<string, unknown> = {};
  const isNamed = rule.namedBy?.some((name) => !isAbsent(fields[name]!, input[name])) ?? false;
  for (const [name, field] of Object.entries(fields)) {
    const value = Object.hasOwn(input, name) ? input[name] : undefined;
    if (isAbsent(field, value)) {
      if (field.required && !isNamed) report(reading, at(name), "missing", "this parameter is required and was not given", field.codes);
      continue;
    }
    if (field.unsupported !== undefined) report(reading, at(name), "refused", `${shown(value)} ${field.unsupported}`, field.codes);
    else output[name] = reading.isUnknown(value) ? value : readField(field, value, at(name), reading);
  }
  if (rule.exactlyOneOf) checkExactlyOne(rule.exactlyOneOf, output, path, reading, isNamed);
  return output;
}

function isAbsent(field: Field, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if ((field.kind !== "text" && field.kind !== "group") || field.blankIsAbsent !== true) return false;
  return value === "" || (isPlainObject(value) && Object.values(value).every((each) => each === ""));
}

function checkExactlyOne(names: readonly string[], given: object, path: string, reading: Reading, mayBeNone: boolean): void {
  const present = names.filter((name) => Object.hasOwn(given, name));
  if (present.length > 1) report(reading, path, "coexist", `${present.join(" and ")} cannot be given together`);
  if (present.length === 0 && !mayBeNone) report(reading, path, "missing", `one of ${names.join(", ")} is required`);
}

function reportUnknown(fields: Fields, name: string, value: unknown, path: string, reading: Reading): void {
  const guess = Object.keys(fields).find((known) => isNear(known.toLowerCase(), name.toLowerCase()));
  const words = `there is no such parameter (it was given ${shown(value)})`;
  if (guess === undefined) report(reading, path, "unknown", words);
  else report(reading, path, "guessed", `${words}; did you mean ${guess}?`);
}

/** Whether two names differ by at most two typing slips: enough to offer one for the other. */
function isNear(known: string, given: string): boolean {
  if (Math.abs(known.length - given.length) > 2) return false;
  if (known.length > 4 && (known.startsWith(given) || given.startsWith(known))) return true;
  let previous = Array.from({ length: given.length + 1 }, (_, column) => column);
  for (let row = 1; row <= known.length; row++) {
    const current = [row];
    for (let column = 1; column <= given.length; column++) {
      const substitution = previous[column - 1]! + (known[row - 1] === given[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[given.length]! <= Math.min(2, Math.floor(known.length / 3));
}

function readField(field: Field, value: unknown, path: string, reading: Reading): unknown {
  switch (field.kind) {
    case "text":
      return readText(field, value, path, reading);
    case "integer":
    case "number":
      return readNumber(field, value, path, reading);
    case "flag":
      return readFlag(field, value, path, reading);
    case "list":
      return readList(field, value, path, reading);
    case "group":
      return readGroup(field, value, path, reading);
  }
}

function readText(field: TextField, value: unknown, path: string, reading: Reading): unknown {
  const string = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  if (typeof string !== "string") return report(reading, path, "kind", `${shown(value)} must be a string`, field.codes);
  const broken = textViolation(field, string);
  return broken === undefined ? string : report(reading, path, ...broken, field.codes);
}

function textViolation(field: TextField, value: string): [ViolationKind, string] | undefined {
  const spelled = field.anyCase ? value.toUpperCase() : value;
  if (field.notEmpty && value === "") return ["empty", `"" must not be empty`];
  const refusal = field.refused?.[spelled];
  if (refusal !== undefined) return ["refused", `${shown(value)} ${refusal}`];
  if (field.oneOf && !field.oneOf.some((allowed) => (field.anyCase ? allowed.toUpperCase() : allowed) === spelled)) {
    return ["range", `${shown(value)} must be one of ${field.oneOf.join(", ")}`];
  }
  if (field.maxChars !== undefined && [...value].length > field.maxChars) {
    return ["tooLong", `${shown(value)} has ${[...value].length} characters, more than ${field.maxChars}`];
  }
  if (field.maxBytes !== undefined && Buffer.byteLength(value) > field.maxBytes) {
    return ["tooLong", `${shown(value)} has ${Buffer.byteLength(value)} bytes in UTF-8, more than ${field.maxBytes}`];
  }
  if (field.pattern && !field.pattern.test(value)) {
    return ["malformed", `${shown(value)} ${field.patternWords ?? `must match ${field.pattern}`}`];
  }
  if (field.format && !formats[field.format].accepts(value)) {
    return ["malformed", `${shown(value)} ${formats[field.format].words}`];
  }
  return undefined;
}

function readNumber(field: IntegerField | NumberField, value: unknown, path: string, reading: Reading): unknown {
  const number = typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  const fits = typeof number === "number" && (field.kind === "integer" ? Number.isSafeInteger(number) : Number.isFinite(number));
  const wanted = field.kind === "integer" ? "a whole number" : "a number";
  if (!fits) return report(reading, path, "kind", `${shown(value)} must be ${wanted}`, field.codes);
  const { min, max } = field;
  if (min !== undefined && number < min) return report(reading, path, "range", `${shown(value)} must be at least ${min}`, field.codes);
  if (max !== undefined && number > max) return report(reading, path, "range", `${shown(value)} must be at most ${max}`, field.codes);
  return number;
}

function readFlag(field: FlagField, value: unknown, path: string, reading: Reading): unknown {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "True") return true;
  if (value === "false" || value === "False") return false;
  return report(reading, path, "kind", `${shown(value)} must be true or false`, field.codes);
}

function readList(field: ListField, value: unknown, path: string, reading: Reading): unknown {
  const items = field.orSingle && isPlainObject(value) ? [value] : value;
  if (!Array.isArray(items)) return report(reading, path, "kind", `${shown(value)} must be a list`, field.codes);
  const { minItems, maxItems } = field;
  if (minItems !== undefined && items.length < minItems) {
    return report(reading, path, "empty", `a list of ${items.length} must have at least ${minItems}`, field.codes);
  }
  if (maxItems !== undefined && items.length > maxItems) {
    return report(reading, path, "count", `a list of ${items.length} must have at most ${maxItems}`, field.codes);
  }
  return items.map((item: unknown, index) => {
    const at = `${path}.${index}`;
    if (item === null) return report(reading, at, "kind", "null must be a value");
    return reading.isUnknown(item) ? item : readField(field.of, item, at, reading);
  });
}
