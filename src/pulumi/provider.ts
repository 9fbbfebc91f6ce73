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
import * as lifecycle from "../model/lifecycle.ts";
import { plan } from "../model/plan.ts";
import type { Api, Properties, ResourceModel } from "../model/resource-model.ts";
import { type ResourceName, resources } from "../model/resources.ts";

/** The stack's configuration that a provider reads, all of it optional. */
const configKeys = ["endpoint", "region", "secretId", "secretKey", "token"] as const;

let wished: Wished = {};
let api: Api | undefined;

/** Ids that the state holds, as far as the engine has shown them to this process: never adopted by a create. */
const idsInState = new Set<string>();

/** Takes the stack's configuration: `flowlogs:endpoint`, `flowlogs:region`, `flowlogs:secretId`, ... */
export function configure(_type: ResourceName, { config }: pulumi.dynamic.ConfigureRequest): void {
  wished = Object.fromEntries(configKeys.map((key) => [key, config.get(`flowlogs:${key}`)]));
  api = undefined;
}

function connected(): Api {
  if (api === undefined) {
    const options = findClientOptions(wished);
    const client = new Client(options);
    api = { call: client.call, region: options.region, isLocal: options.endpoint !== "cloud" };
  }
  return api;
}

function modelOf(type: ResourceName): ResourceModel {
  return resources[type];
}

/** Checks and completes what the program gives. */
export function check(type: ResourceName, olds: Properties, news: Properties): pulumi.dynamic.CheckResult {
  const checked = checkModel(modelOf(type), olds, withoutProvider(news), () => randomBytes(4).toString("hex").slice(0, 7));
  return { inputs: checked.inputs, failures: [...checked.failures] };
}

/** Says what a change means. */
export function diff(type: ResourceName, id: string, olds: Properties, news: Properties): pulumi.dynamic.DiffResult {
  idsInState.add(`${type} ${id}`);
  const { changed, replaces, deleteBeforeReplace } = plan(modelOf(type), olds, news);
  return { changes: changed.length > 0, replaces: [...replaces], deleteBeforeReplace };
}

/** Makes a resource, or takes up one that an interrupted run left. */
export async function create(type: ResourceName, inputs: Properties): Promise<pulumi.dynamic.CreateResult> {
  const isTaken = (id: string) => idsInState.has(`${type} ${id}`);
  const { id, state } = await lifecycle.create(modelOf(type), withoutProvider(inputs), connected(), isTaken);
  return { id, outs: state };
}

/** Reads a resource back; one that is gone has no id, and the engine drops it. */
export async function read(type: ResourceName, id: string, state: Properties): Promise<pulumi.dynamic.ReadResult> {
  idsInState.add(`${type} ${id}`);
  const found = await lifecycle.read(modelOf(type), id, withoutProvider(state), connected());
  return found === undefined ? {} : { id, props: found.state, inputs: found.inputs };
}

/** Changes a resource in place. */
export async function update(
  type: ResourceName,
  id: string,
  olds: Properties,
  news: Properties,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await lifecycle.update(modelOf(type), id, withoutProvider(olds), withoutProvider(news), connected()) };
}

/** Deletes a resource; one that is gone already is deleted. */
async function remove(type: ResourceName, id: string, state: Properties): Promise<void> {
  await lifecycle.remove(modelOf(type), id, withoutProvider(state), connected());
  idsInState.delete(`${type} ${id}`);
}

export { remove as delete };

/** The properties without the provider's own text, which the SDK adds to them. */
function withoutProvider({ __provider: _, ...properties }: Properties): Properties {
  return properties;
}
