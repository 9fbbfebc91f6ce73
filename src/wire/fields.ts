/**
 * Field rules: what one request field of the cloud's API may hold, as data.
 *
 * An action's request is a table of these rules. The server refuses what breaks them, a preview refuses it in the
 * same words, and the TypeScript type of the request is derived from them. They say nothing about other resources:
 * whether a VPC exists is decided where VPCs are.
 */

import type { ErrorCode } from "./errors.ts";
import type { ViolationKind } from "./validate.ts";

/** Spellings that need more than a length: checked by `formats.ts`. */
export type Format =
  | "ipv4"
  | "ipv6"
  | "ipv4-cidr"
  | "ipv6-cidr"
  | "ipv4-network"
  | "ipv6-network"
  | "vpc-network"
  | "ports"
  | "ascii";

interface Rule {
  readonly required?: true;
  /** The cloud has this parameter but this backend does not: why a request that gives it is refused. */
  readonly unsupported?: string;
  /** Codes of its own for ways of breaking this rule, where an action's list has them. */
  readonly codes?: Partial<Readonly<Record<ViolationKind, ErrorCode>>>;
}

/** A string; lengths count characters (`maxChars`) or UTF-8 bytes (`maxBytes`), as the API's page says of each field. */
export interface TextField extends Rule {
  readonly kind: "text";
  readonly oneOf?: readonly string[];
  /** Letter case does not matter when the value is compared with `oneOf`. */
  readonly anyCase?: true;
  /** Values that the cloud knows but this backend refuses, each with what it stands for. */
  readonly refused?: Readonly<Record<string, string>>;
  readonly notEmpty?: true;
  /** An empty string means the same as leaving the field out: the API answers it so, and clients send back what they read. */
  readonly blankIsAbsent?: true;
  readonly maxChars?: number;
  readonly maxBytes?: number;
  readonly pattern?: RegExp;
  /** What `pattern` asks for, in words: "must be `fl-` and 8 letters or digits". */
  readonly patternWords?: string;
  readonly format?: Format;
}

/** A whole number; clients may send it as a decimal string (the API does so itself in a few places). */
export interface IntegerField extends Rule {
  readonly kind: "integer";
  readonly min?: number;
  readonly max?: number;
}

/** A number that need not be whole. */
export interface NumberField extends Rule {
  readonly kind: "number";
  readonly min?: number;
  readonly max?: number;
}

/** True or false; clients may send the words. */
export interface FlagField extends Rule {
  readonly kind: "flag";
}

/** A list of values that each obey one rule. */
export interface ListField extends Rule {
  readonly kind: "list";
  readonly of: Field;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** A single object is accepted where the list is meant (the SDKs disagree with the documentation here). */
  readonly orSingle?: true;
}

/** An object with named fields of its own. */
export interface GroupField extends Rule {
  readonly kind: "group";
  readonly fields: Fields;
  /** Of these fields one must be given, and no two. */
  readonly exactlyOneOf?: readonly string[];
  /** An object that gives one of these ids means something that stands already: it may leave out whatever is to stay. */
  readonly namedBy?: readonly string[];
  /** An object whose fields are all empty strings means the same as leaving it out. */
  readonly blankIsAbsent?: true;
}

/** Any of the field rules. */
export type Field = TextField | IntegerField | NumberField | FlagField | ListField | GroupField;

/** Field rules by the field's name as the API spells it. */
export type Fields = { readonly [name: string]: Field };

type RequiredNames<F extends Fields> = { [K in keyof F]: F[K] extends { required: true } ? K : never }[keyof F];

/** The TypeScript type of a value that obeys a rule. */
export type ValueOf<F> = F extends { kind: "text"; anyCase: true }
  ? string
  : F extends { kind: "text"; oneOf: readonly (infer V)[] }
    ? V
    : F extends { kind: "text" }
      ? string
      : F extends { kind: "integer" | "number" }
        ? number
        : F extends { kind: "flag" }
          ? boolean
          : F extends { kind: "list"; of: infer E }
            ? ValueOf<E>[]
            : F extends { kind: "group"; namedBy: readonly string[]; fields: infer O extends Fields }
              ? Partial<RequestOf<O>>
              : F extends { kind: "group"; fields: infer O extends Fields }
                ? RequestOf<O>
                : never;

/** The TypeScript type of a request that obeys a table of rules. */
export type RequestOf<F extends Fields> = {
  -readonly [K in RequiredNames<F>]: ValueOf<F[K]>;
} & {
  -readonly [K in Exclude<keyof F, RequiredNames<F>>]?: ValueOf<F[K]> | undefined;
};

type Options<F extends Field> = Omit<F, "kind">;

// Each helper has a form without options: an options type with nothing to infer it from would be inferred from where
// the field is used, and the rules' exact types would be lost.

/** A string field. */
export function text(): { readonly kind: "text" };
export function text<const O extends Options<TextField>>(options: O): { readonly kind: "text" } & O;
export function text(options?: Options<TextField>): TextField {
  return { kind: "text", ...options };
}

/** A whole-number field. */
export function integer(): { readonly kind: "integer" };
export function integer<const O extends Options<IntegerField>>(options: O): { readonly kind: "integer" } & O;
export function integer(options?: Options<IntegerField>): IntegerField {
  return { kind: "integer", ...options };
}

/** A number field. */
export function decimal<const O extends Options<NumberField>>(options: O): { readonly kind: "number" } & O {
  return { kind: "number", ...options };
}

/** A true-or-false field. */
export function flag(): { readonly kind: "flag" };
export function flag<const O extends Options<FlagField>>(options: O): { readonly kind: "flag" } & O;
export function flag(options?: Options<FlagField>): FlagField {
  return { kind: "flag", ...options };
}

type ListOptions = Omit<Options<ListField>, "of">;

/** A list field. */
export function list<const F extends Field>(of: F): { readonly kind: "list"; readonly of: F };
export function list<const F extends Field, const O extends ListOptions>(
  of: F,
  options: O,
): { readonly kind: "list"; readonly of: F } & O;
export function list(of: Field, options?: ListOptions): ListField {
  return { kind: "list", of, ...options };
}

type GroupOptions = Omit<Options<GroupField>, "fields">;

/** An object field. */
export function group<const F extends Fields>(fields: F): { readonly kind: "group"; readonly fields: F };
export function group<const F extends Fields, const O extends GroupOptions>(
  fields: F,
  options: O,
): { readonly kind: "group"; readonly fields: F } & O;
export function group(fields: Fields, options?: GroupOptions): GroupField {
  return { kind: "group", fields, ...options };
}
