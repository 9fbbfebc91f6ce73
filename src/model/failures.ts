/** What can go wrong in a resource's life beyond the API's own refusals: each says what exists by then and what to do next. */
import { codeOf } from "./steps.ts";

/** A resource that was made or changed, but is not there any more. */
export class MadeButGone extends Error {
  override readonly name = "MadeButGone";
}

/** One that was to be imported cannot be. */
export class ImportRefused extends Error {
  override readonly name = "ImportRefused";
}

/** Its place is taken by another one. */
export class Conflict extends Error {
  override readonly name = "Conflict";
  readonly code: string;

  /** `heldIds` are those with this resource's own mark that the stack's state holds. */
  constructor(kind: string, cause: unknown, heldIds: readonly string[]) {
    const advice =
      heldIds.length > 0
        ? `That is ${heldIds.join(", ")}, which this run replaces: with the resource option deleteBeforeReplace: true the old one goes first`
        : "If it is yours and in no stack, take it over with the resource option import: its id. If a run of this stack left it " +
          "behind (`flowlogs status --orphans` tells), the program has changed since: delete it, or change the program back";
    super(`${kind}: ${messageOf(cause)}. ${advice}`, { cause });
    this.code = codeOf(cause);
  }
}

/** The call that makes it was not answered, so nobody knows whether it did. */
export class Uncertain extends Error {
  override readonly name = "Uncertain";

  constructor(kind: string, cause: unknown) {
    super(
      `${kind}: whether it was made is not known, because ${messageOf(cause)}. Run \`pulumi up\` again: if it was made, it is found by its mark and taken up`,
      { cause },
    );
  }
}

/** How far a resource had come when its create or update failed. */
export interface Progress {
  readonly id: string;
  /** The state as it is now. */
  readonly properties: Record<string, unknown>;
  /** The properties that are not as the program wants them. */
  readonly missing: readonly string[];
  /** What was done: `NetworkAcl acl-1a2b3c4d was made`. */
  readonly what: string;
  readonly cause: unknown;
}

/** A create or update that failed when part of it was done. */
export class HalfDone extends Error {
  override readonly name = "HalfDone";
  readonly id: string;
  readonly properties: Record<string, unknown>;
  /** What the engine prints beneath the resource. */
  readonly reasons: readonly string[];

  constructor({ id, properties, missing, what, cause }: Progress) {
    const open = missing.length > 0 ? `${missing.join(", ")} could not be set` : "it could not be read back";
    const text = `${what}, but ${open}: ${messageOf(cause)}. The state holds it as it is: mend the cause and run \`pulumi up\` again, which goes on from there`;
    super(text, { cause });
    this.id = id;
    this.properties = properties;
    this.reasons = [text];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
