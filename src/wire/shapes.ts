/**
 * Answer shapes: which fields an answer has and of which kind, as data.
 *
 * An action's answer is a table beside its request's. The TypeScript type of the answer is derived from it, and the
 * conformance suite holds every answer of the backend against it: clients break on a number where the cloud sends a
 * string, and on a field that is missing.
 */

/** The kind of one field: a plain value, a list `[shape]`, an object, or one of the wrappers below. */
export type Shape = "text" | "integer" | "number" | "flag" | readonly [Shape] | OrNull | OrAbsent | MapOf | ShapeFields;

/** Shapes by field name, as the API spells it: an object that has exactly these fields. */
export interface ShapeFields {
  readonly [name: string]: Shape;
}

/** A field that may be null. */
export interface OrNull<S = unknown> {
  readonly orNull: S;
}

/** A field that may be missing. */
export interface OrAbsent<S = unknown> {
  readonly orAbsent: S;
}

/** An object by names that are data. */
export interface MapOf<S = unknown> {
  readonly mapOf: S;
}

/** A field that may be null where there is no value. */
export function orNull<const S extends Shape>(shape: S): OrNull<S> {
  return { orNull: shape };
}

/** A field that may be left out. */
export function orAbsent<const S extends Shape>(shape: S): OrAbsent<S> {
  return { orAbsent: shape };
}

/** An object whose field names are data. */
export function mapOf<const S extends Shape>(shape: S): MapOf<S> {
  return { mapOf: shape };
}

type AbsentNames<F> = { [K in keyof F]: F[K] extends OrAbsent ? K : never }[keyof F];

type Flat<T> = { [K in keyof T]: T[K] };

/** The TypeScript type of an answer of that shape. */
export type AnswerOf<S> = S extends "text"
  ? string
  : S extends "integer" | "number"
    ? number
    : S extends "flag"
      ? boolean
      : S extends readonly [infer E]
        ? AnswerOf<E>[]
        : S extends OrNull<infer E>
          ? AnswerOf<E> | null
          : S extends OrAbsent<infer E>
            ? AnswerOf<E>
            : S extends MapOf<infer E>
              ? Record<string, AnswerOf<E>>
              : Flat<
                  { -readonly [K in Exclude<keyof S, AbsentNames<S>>]: AnswerOf<S[K]> } & {
                    -readonly [K in AbsentNames<S>]?: AnswerOf<S[K]>;
                  }
                >;

/** How an answer differs from its shape, in words that name each field; nothing for one that has it exactly. */
export function shapeViolations(shape: Shape, value: unknown, path = ""): string[] {
  if (typeof shape === "string") return kindViolations(shape, value, path);
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path}: ${JSON.stringify(value)} is no list`];
    return value.flatMap((item, index) => shapeViolations((shape as readonly [Shape])[0], item, `${path}.${index}`));
  }
  if ("orNull" in shape) return value === null ? [] : shapeViolations(shape.orNull as Shape, value, path);
  if ("orAbsent" in shape) return value === undefined ? [] : shapeViolations(shape.orAbsent as Shape, value, path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${path}: ${JSON.stringify(value)} is no object`];
  }
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  if ("mapOf" in shape) {
    return Object.entries(value).flatMap(([name, child]) => shapeViolations(shape.mapOf as Shape, child, at(name)));
  }
  const fields = shape as ShapeFields;
  const extra = Object.keys(value).filter((name) => !Object.hasOwn(fields, name));
  return [
    ...extra.map((name) => `${at(name)}: the API has no such field`),
    ...Object.entries(fields).flatMap(([name, child]) => shapeViolations(child, (value as Record<string, unknown>)[name], at(name))),
  ];
}

function kindViolations(kind: "text" | "integer" | "number" | "flag", value: unknown, path: string): string[] {
  const isRight = {
    text: typeof value === "string",
    integer: Number.isSafeInteger(value),
    number: Number.isFinite(value),
    flag: typeof value === "boolean",
  }[kind];
  return isRight ? [] : [`${path}: ${JSON.stringify(value)} is of another kind than ${kind}`];
}
