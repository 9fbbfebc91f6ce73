/** A stack as a test describes it to the program in `program/`. */

/** One resource. */
export interface Described {
  readonly kind: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Pulumi's own options, such as `protect`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The id of one that is only looked up. */
  readonly get?: string;
}

/** A reference to another resource's output. */
export function ref(path: string): { readonly ref: string } {
  return { ref: path };
}

/** A value that is not known before the resource of that name exists. */
export function later(value: unknown, resource: string): { readonly later: string; readonly value: unknown } {
  return { later: resource, value };
}
