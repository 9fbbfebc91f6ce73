/** What a stack's state holds, as `pulumi stack export` tells it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A resource of this package in a state. */
export interface HeldResource {
  /** `project/stack/name`, as its mark says it. */
  readonly owner: string;
  /** `FlowLog`. */
  readonly kind: string;
  readonly id: string;
}

/** A stack's state, as far as this package's resources are concerned. */
export interface StackState {
  /** `project/stack`, empty for a state without any resource. */
  readonly stack: string;
  readonly resources: readonly HeldResource[];
}

/** The state could not be read. */
export class StateUnreadable extends Error {
  override readonly name = "StateUnreadable";
}

interface Exported {
  readonly resources?: readonly { readonly urn: string; readonly id?: string; readonly external?: boolean }[];
  readonly pending_operations?: readonly Pending[];
}

interface Pending {
  readonly resource: { readonly urn: string };
}

/** Reads what `pulumi stack export` printed; `source` names it in errors. */
export function readStackState(text: string, source: string): StackState {
  const deployment = parse(text, source);
  const all = deployment.resources ?? [];
  const urns = [...all, ...(deployment.pending_operations ?? []).map(({ resource }) => resource)].map(({ urn }) => urn.split("::"));
  const [first] = urns;
  const resources = all.flatMap(({ urn, id, external }) => {
    const [stack = "", project = "", type = "", name = ""] = urn.split("::");
    const kind = /(?:^|\$)pulumi-nodejs:dynamic\/flowlogs:(\w+)$/.exec(type)?.[1];
    if (kind === undefined || id === undefined || external === true) return [];
    return [{ owner: `${project}/${stack.replace("urn:pulumi:", "")}/${name}`, kind, id }];
  });
  return { stack: first === undefined ? "" : `${first[1]!}/${first[0]!.replace("urn:pulumi:", "")}`, resources };
}

function parse(text: string, source: string): Exported {
  const refuse = (why: string) => new StateUnreadable(`${source}: this is not what \`pulumi stack export\` prints: ${why}`);
  let state: { deployment?: Exported } | null;
  try {
    state = JSON.parse(text) as typeof state;
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const deployment = state?.deployment;
  if (typeof deployment !== "object" || deployment === null || Array.isArray(deployment)) throw refuse("it has no deployment");
  const { resources = [], pending_operations: pending = [] } = deployment as { resources?: unknown; pending_operations?: unknown };
  const isWhole =
    Array.isArray(resources) && Array.isArray(pending) && resources.every(hasUrn) && pending.every((each: Partial<Pending> | null) => hasUrn(each?.resource));
  if (!isWhole) throw refuse("its resources are no list of objects with a urn");
  return deployment;
}

function hasUrn(value: unknown): boolean {
  return typeof value === "object" && value !== null && "urn" in value && typeof value.urn === "string";
}

/** Most bytes of an exported state: some 50,000 resources. */
const maxStateBytes = 256 * 1024 * 1024;

/** Asks Pulumi for the state of a stack of the project in the working folder. */
export async function exportStackState(stack: string): Promise<StackState> {
  return readStackState(await pulumi("stack", "export", "--stack", stack), "pulumi stack export");
}

/** The name of the stack that is selected in the working folder. */
export async function selectedStackName(): Promise<string> {
  return (await pulumi("stack", "--show-name")).trim();
}

async function pulumi(...words: string[]): Promise<string> {
  const args = [...words, "--non-interactive"];
  try {
    return (await promisify(execFile)("pulumi", args, { maxBuffer: maxStateBytes })).stdout;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new StateUnreadable(`\`pulumi ${args.join(" ")}\` failed: ${(stderr?.trim() ?? "") || message}`);
  }
}
