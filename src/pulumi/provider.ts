/**
 * What the dynamic resources' providers do, loaded by name when the engine calls them.
 *
 * A provider's own text travels in the stack's state and says no more than where to find this file, so that a newer
 * version of the package is in effect at once. Credentials come by {@link configure} and live in this process only.
 */
import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { Client } from "../client/client.ts";
import { findClientOptions, type Wished } from "../client/local.ts";
import { check as checkModel } from "../model/check.ts";
import { HalfDone } from "../model/failures.ts";
import * as lifecycle from "../model/lifecycle.ts";
import { plan } from "../model/plan.ts";
import type { Api, Properties, ResourceModel } from "../model/resource-model.ts";
import { type ResourceName, resources } from "../model/resources.ts";
import { type Operation, ownTimeoutMs, within } from "../model/timeouts.ts";
import { HeldIds } from "./held-ids.ts";

/** The stack's configuration that a provider reads, all of it optional. */
const configKeys = ["endpoint", "region", "secretId", "secretKey", "token"] as const;

let wished: Wished = {};
let api: Api | undefined;
/** What an operation may take where the resource has no `customTimeouts` of its own. */
let defaultTimeoutMs: number | undefined;

const held = new HeldIds();

/** Ids of resources that this run replaces: whatever refers to them gets another value, known or not. */
const leaving = new Set<unknown>();

/** By owner the resource that the state lets go whatever it holds: its forerunners, replaced and not deleted yet, may go too. */
const forced = new Map<string, string>();

/** Takes the stack's configuration: `flowlogs:endpoint`, `flowlogs:region`, `flowlogs:secretId`, ... */
export function configure(_type: ResourceName, { config }: pulumi.dynamic.ConfigureRequest): void {
  wished = Object.fromEntries(configKeys.map((key) => [key, config.get(`flowlogs:${key}`)]));
  defaultTimeoutMs = readTimeoutSeconds(config.get("flowlogs:timeoutSeconds"));
  api = undefined;
}

function readTimeoutSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!(Number(text) > 0)) throw new Error(`flowlogs:timeoutSeconds: ${JSON.stringify(text)} must be a number of seconds above 0`);
  return Number(text) * 1000;
}

function connected(): Api {
  if (api === undefined) {
    api = new Client(findClientOptions(wished));
  }
  return api;
}

/** Runs an operation's calls within the time it may take. */
function timely<R>(operation: Operation | undefined, properties: Properties, work: (api: Api) => Promise<R>): Promise<R> {
  const own = operation === undefined ? undefined : ownTimeoutMs(properties, operation);
  return within(connected(), own ?? defaultTimeoutMs, work);
}

function modelOf(type: ResourceName): ResourceModel {
  return resources[type];
}

/** Checks and completes what the program gives. */
export function check(type: ResourceName, olds: Properties, news: Properties): pulumi.dynamic.CheckResult {
  const checked = checkModel(modelOf(type), olds, withoutProvider(news), () => randomBytes(4).toString("hex").slice(0, 7));
  return { inputs: checked.inputs, failures: [...checked.failures] };
}

/** Says what a change means, and refuses a replacement where the old one must not go. */
export async function diff(type: ResourceName, id: string, olds: Properties, news: Properties): Promise<pulumi.dynamic.DiffResult> {
  held.add(type, id);
  if (olds["forceDestroy"] === true) forced.set(String(olds["owner"]), id);
  const { changed, replaces, deleteBeforeReplace } = plan(modelOf(type), olds, news, (each) => leaving.has(each));
  // An id of the program's own choice is the replacement's too.
  if (replaces.length > 0 && !Object.values(news).includes(id)) leaving.add(id);
  if (replaces.length > 0) await lifecycle.guardReplacement(modelOf(type), id, olds, news, connected);
  return { changes: changed.length > 0, replaces: [...replaces], deleteBeforeReplace };
}

/** Makes a resource, or takes up one that is there for it. */
export async function create(type: ResourceName, given: Properties): Promise<pulumi.dynamic.CreateResult> {
  const inputs = withoutProvider(given);
  // One after the other where two have the same mark: the second must not take the first one's resource for its own.
  return held.inTurn(`${type} ${String(inputs["owner"])}`, async () => {
    const isHeld = (id: string) => held.has(type, id, String(inputs["owner"]));
    const made = timely("create", inputs, (limited) => lifecycle.create(modelOf(type), inputs, limited, isHeld));
    const { id, state } = await made.catch((error: unknown) => rethrow(error, given));
    held.add(type, id);
    return { id, outs: state };
  });
}

/** Reads a resource back; one that is gone has no id, and the engine drops it. */
export async function read(type: ResourceName, id: string, state: Properties): Promise<pulumi.dynamic.ReadResult> {
  held.add(type, id);
  const found = await timely(undefined, state, (limited) => lifecycle.read(modelOf(type), id, withoutProvider(state), limited));
  // The engine would take an empty answer for a resource that is there.
  if (found === undefined && state["lookedUp"] === true) throw new Error(`${type} ${id} does not exist, so it cannot be looked up`);
  return found === undefined ? {} : { id, props: found.state, inputs: found.inputs };
}

/** Changes a resource in place. */
export async function update(
  type: ResourceName,
  id: string,
  olds: Properties,
  news: Properties,
): Promise<pulumi.dynamic.UpdateResult> {
  const changed = timely("update", news, (limited) => lifecycle.update(modelOf(type), id, withoutProvider(olds), withoutProvider(news), limited));
  const outs = await changed.catch((error: unknown) => rethrow(error, news));
  if (outs["forceDestroy"] === true) forced.set(String(outs["owner"]), id);
  return { outs };
}

/** Deletes a resource; one that is gone already is deleted. */
async function remove(type: ResourceName, id: string, state: Properties): Promise<void> {
  const successor = forced.get(String(state["owner"]));
  const forceDestroy = state["forceDestroy"] === true || (successor !== undefined && successor !== id);
  const last = { ...withoutProvider(state), forceDestroy };
  await timely("delete", state, (limited) => lifecycle.remove(modelOf(type), id, last, limited));
}

export { remove as delete };

/** The properties without the provider's own text, which the SDK adds to them. */
function withoutProvider({ __provider: _, ...properties }: Properties): Properties {
  return properties;
}

/** Throws an error on; what is half done goes into the state with the provider's text, so that the next run finds both. */
function rethrow(error: unknown, { __provider }: Properties): never {
  if (error instanceof HalfDone) Object.assign(error.properties, { __provider });
  throw error;
}
