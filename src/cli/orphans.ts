/** What a stack made and its state does not hold, because a `pulumi up` was interrupted and the program changed since. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import type { Api } from "../model/resource-model.ts";
import { ownerOf } from "../model/marker.ts";
import { type ResourceName, resources } from "../model/resources.ts";
import { exportStackState, readStackState, selectedStackName, type StackState } from "../pulumi/stack-state.ts";
import { UsageError } from "./errors.ts";
import { table } from "./output.ts";

/** Which stack, and where its state is to be read. */
export interface OrphanOptions {
  /** `NAME` of the project in the working folder, or `PROJECT/NAME`. */
  readonly stack?: string;
  /** A file that holds what `pulumi stack export` printed, or `-` for standard input. */
  readonly state?: string;
}

/** A resource that carries a stack's mark and is not in its state. */
export interface Orphan {
  readonly Kind: string;
  readonly Id: string;
  /** `project/stack/name`. */
  readonly Owner: string;
}

/** The stack and what it left behind. */
export async function findOrphans(api: Api, options: OrphanOptions): Promise<{ Stack: string; Orphans: Orphan[] }> {
  const state = await stateOf(options);
  const held = new Set(state.resources.map(({ kind, id }) => `${kind} ${id}`));
  const kinds = Object.keys(resources) as ResourceName[];
  const found = await Promise.all(
    kinds.map(async (Kind) => {
      const marked = await resources[Kind].steps.list(api);
      return marked.map((object) => ({ Kind, Id: object.id, Owner: ownerOf(object) ?? "" }));
    }),
  );
  const isOrphan = ({ Kind, Id, Owner }: Orphan) => Owner.startsWith(`${state.stack}/`) && !held.has(`${Kind} ${Id}`);
  return { Stack: state.stack, Orphans: found.flat().filter(isOrphan) };
}

/** What there is to say about them. */
export function orphansText(stack: string, orphans: readonly Orphan[]): string {
  if (orphans.length === 0) return `nothing carries the mark of ${stack} that its state does not hold`;
  return table(["KIND", "ID", "MADE FOR"], orphans.map(({ Kind, Id, Owner }) => [Kind, Id, Owner]));
}

async function stateOf({ stack, state: file }: OrphanOptions): Promise<StackState> {
  if (file === undefined) {
    const project = projectHere();
    const name = stack ?? (await selectedStackName());
    const state = await exportStackState(name);
    // A state without any resource does not say whose it is.
    return state.stack === "" ? { ...state, stack: `${project}/${name.split("/").at(-1)!}` } : state;
  }
  const state = readStackState(file === "-" ? await text(process.stdin) : readFileSync(file, "utf8"), file === "-" ? "standard input" : file);
  if (state.stack !== "") return state;
  if (stack === undefined || !/^[^/]+\/[^/]+$/.test(stack)) {
    throw new UsageError(
      `--stack: ${JSON.stringify(stack ?? "")} must be PROJECT/NAME, because the state in ${file === "-" ? "standard input" : file} is empty and does not name its stack`,
    );
  }
  return { ...state, stack };
}

/** The name of the Pulumi project in the working folder or above it. */
function projectHere(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const file = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].map((name) => join(folder, name)).find((path) => existsSync(path));
    if (file !== undefined) return (parse(readFileSync(file, "utf8")) as { name: string }).name;
    if (folder === dirname(folder)) {
      throw new UsageError("--orphans: there is no Pulumi.yaml in this folder or above it; run it in the project's folder, or give --state FILE");
    }
  }
}
