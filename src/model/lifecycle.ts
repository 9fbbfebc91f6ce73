/**
 * The life of a resource, the same for every engine: made or taken up, read back with its drift, changed, deleted.
 *
 * What fails halfway is told as such: with the id of what exists by then and its state, so that the next run goes on.
 */
import { isSame, toRequest } from "./convert.ts";
import { Conflict, HalfDone, ImportRefused, MadeButGone, Uncertain } from "./failures.ts";
import { marked, markerOf, markerTags } from "./marker.ts";
import { plan } from "./plan.ts";
import { inputsOf, stateOf } from "./read-back.ts";
import type { Api, Marker, Properties, ResourceModel } from "./resource-model.ts";
import { codeOf } from "./steps.ts";
import { shown as spelled } from "../wire/validate.ts";

/** A resource that exists: its id and what the state keeps of it. */
export interface Existing {
  readonly id: string;
  readonly state: Properties;
}

/** A resource as it was read back: its state, and the inputs that would make it as it is. */
export interface ReadBack extends Existing {
  readonly inputs: Properties;
}

/** Whether the stack's state holds an id already, so that a create must leave it alone. */
export type IsHeld = (id: string) => Promise<boolean>;

const nothingHeld: IsHeld = () => Promise.resolve(false);

/**
 * Makes a resource, or takes up what is there for it: the one that the program names to be imported, or the one that an
 * interrupted create of the same inputs left behind. One that the state holds is left alone: a replacement may be made
 * before the old one goes.
 */
export async function create(model: ResourceModel, inputs: Properties, api: Api, isHeld = nothingHeld): Promise<Existing> {
  const { importId } = inputs;
  if (typeof importId === "string" && !(await isHeld(importId))) return imported(model, importId, inputs, api);
  const marker = markerOf(model, inputs);
  const own = marker === undefined ? [] : marked(await model.steps.list(api, marker.owner, inputs), marker);
  for (const { id } of own) if (!(await isHeld(id))) return takenUp(model, id, inputs, api);
  const id = await makeIt(model, inputs, marker, api, own.map((each) => each.id));
  return finished(model, id, inputs, api, () => model.steps.finish?.(api, id, inputs));
}

async function makeIt(
  model: ResourceModel,
  inputs: Properties,
  marker: Marker | undefined,
  api: Api,
  heldIds: readonly string[],
): Promise<string> {
  const request = toRequest(model, inputs);
  const takesTags = Object.values(model.properties).find(({ isTags }) => isTags);
  if (takesTags?.wire !== undefined && marker !== undefined) {
    const given = (request[takesTags.wire] ?? []) as { Key: string; Value: string }[];
    request[takesTags.wire] = [...given, ...markerTags(marker)];
  }
  try {
    return await model.steps.create(api, request, inputs);
  } catch (error) {
    const code = codeOf(error);
    if (model.conflicts.includes(code)) throw new Conflict(model.name, error, heldIds);
    // An answer of the API is certain, and so is a call that nobody was there to take.
    if (code !== "" || !(error instanceof Error) || ("howFar" in error && error.howFar === "not there")) throw error;
    const own = marker === undefined ? undefined : await madeUntold(model, inputs, marker, api, heldIds);
    if (own === undefined) throw new Uncertain(model.name, error);
    return own;
  }
}

/** What a create made whose answer was lost, found by its mark; undefined where it cannot be told. */
async function madeUntold(
  model: ResourceModel,
  inputs: Properties,
  marker: Marker,
  api: Api,
  heldIds: readonly string[],
): Promise<string | undefined> {
  const found = await model.steps.list(api, marker.owner, inputs).catch(() => []);
  return marked(found, marker).find(({ id }) => !heldIds.includes(id))?.id;
}

/** Takes up what an interrupted create left: what it did not come to do is done now. */
async function takenUp(model: ResourceModel, id: string, inputs: Properties, api: Api): Promise<Existing> {
  const shown = await model.steps.read(api, id, inputs);
  if (shown === undefined) throw new MadeButGone(`${model.name} ${id} was to be taken up, but is not there any more`);
  const { changed, replaces } = plan(model, inputsOf(model, shown, inputs), inputs);
  const missing = new Set(changed.filter((name) => !replaces.includes(name)));
  return finished(model, id, inputs, api, () => (missing.size > 0 ? model.steps.update(api, id, missing, inputs) : undefined));
}

/** Takes over one that was made elsewhere, where nothing stands against it that only a replacement could change. */
async function imported(model: ResourceModel, id: string, inputs: Properties, api: Api): Promise<Existing> {
  const shown = await model.steps.read(api, id, inputs);
  if (shown === undefined) throw new ImportRefused(`${model.name} ${id} cannot be imported: it does not exist`);
  const today = inputsOf(model, shown, inputs);
  const differing = plan(model, today, inputs).replaces.map((name) => `${name} is ${given(today[name])} there and ${given(inputs[name])} in the program`);
  if (differing.length > 0) {
    throw new ImportRefused(
      `${model.name} ${id} cannot be imported: ${differing.join("; ")}. Write in the program what it has, or make a new one by leaving out the option import`,
    );
  }
  return takenUp(model, id, inputs, api);
}

function given(value: unknown): string {
  return value === undefined ? "not given" : spelled(value);
}

/** Does what is left to do for a resource that exists by now, and reads it back. */
async function finished(
  model: ResourceModel,
  id: string,
  inputs: Properties,
  api: Api,
  finish: () => Promise<void> | undefined,
): Promise<Existing> {
  try {
    await finish();
    return { id, state: await stateNow(model, id, inputs, api) };
  } catch (error) {
    if (error instanceof MadeButGone) throw error;
    const { done, missing } = await progress(model, id, inputs, api);
    throw new HalfDone({ id, properties: done, missing, what: `${model.name} ${id} was made`, cause: error });
  }
}

async function stateNow(model: ResourceModel, id: string, inputs: Properties, api: Api): Promise<Properties> {
  const shown = await model.steps.read(api, id, inputs);
  if (shown === undefined) throw new MadeButGone(`${model.name} ${id} was made, but is not there any more`);
  return stateOf(model, shown, inputs);
}

/** How far a resource has come: its state as it is, and the properties that are not as wanted yet. */
async function progress(model: ResourceModel, id: string, inputs: Properties, api: Api) {
  const shown = await model.steps.read(api, id, inputs).catch(() => undefined);
  if (shown === undefined) {
    // Nobody can say: nothing counts as done that the create call itself does not do.
    const later = Object.entries(model.properties).filter(([, { wire, action }]) => wire === undefined || action !== undefined);
    const done = Object.fromEntries(Object.entries(inputs).filter(([name]) => !later.some(([each]) => each === name)));
    return { done, missing: later.map(([name]) => name).filter((name) => inputs[name] !== undefined) };
  }
  const today = inputsOf(model, shown, inputs);
  return { done: stateOf(model, shown, today), missing: plan(model, today, inputs).changed };
}

/** Reads a resource back; undefined when it is gone. */
export async function read(model: ResourceModel, id: string, state: Properties, api: Api): Promise<ReadBack | undefined> {
  const shown = await model.steps.read(api, id, state);
  if (shown === undefined) return undefined;
  const inputs = inputsOf(model, shown, state);
  return { id, inputs, state: stateOf(model, shown, inputs) };
}

/** Changes a resource in place, and gives its new state. */
export async function update(model: ResourceModel, id: string, olds: Properties, news: Properties, api: Api): Promise<Properties> {
  const { changed } = plan(model, olds, news);
  const wanted = { ...news, owner: olds["owner"] ?? news["owner"] };
  try {
    await model.steps.update(api, id, new Set(changed), wanted);
    return await stateNow(model, id, news, api);
  } catch (error) {
    if (error instanceof MadeButGone) throw error;
    const { done, missing } = await progress(model, id, news, api);
    const made = changed.filter((name) => !missing.includes(name) && !isSame(olds[name], done[name]));
    if (made.length === 0) throw error;
    throw new HalfDone({ id, properties: done, missing, what: `${model.name} ${id}: ${made.join(", ")} changed`, cause: error });
  }
}

/** Refuses a replacement that is planned where the old one must not go; one that the engine keeps stays anyway. */
export async function guardReplacement(model: ResourceModel, id: string, olds: Properties, news: Properties, api: () => Api): Promise<void> {
  if (news["retainOnDelete"] !== true) await model.steps.guard?.(api(), id, olds);
}

/** Deletes a resource; one that is gone already is deleted. */
export async function remove(model: ResourceModel, id: string, state: Properties, api: Api): Promise<void> {
  await model.steps.guard?.(api, id, state);
  await model.steps.delete(api, id, state);
}
