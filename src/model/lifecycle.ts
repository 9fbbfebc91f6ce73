/**
 * The life of a resource, the same for every engine: made or adopted, read back with its drift, changed, deleted.
 */
import { isEmpty, isSame, shownValue, toRequest } from "./convert.ts";
import { marked, markerOf, markerTags } from "./marker.ts";
import { plan } from "./plan.ts";
import type { Api, Properties, PropertyModel, ResourceModel, Shown } from "./resource-model.ts";

/** A resource that exists: its id and what the state keeps of it. */
export interface Existing {
  readonly id: string;
  readonly state: Properties;
}

/** A resource as it was read back: its state, and the inputs that would make it as it is. */
export interface ReadBack extends Existing {
  readonly inputs: Properties;
}

/** A resource that was made but could not be read back. */
export class MadeButGone extends Error {
  override readonly name = "MadeButGone";
}

/**
 * Makes a resource, or adopts the one that an interrupted create of the same inputs left behind. `isTaken` tells of ids
 * that the state already holds: such a one is never adopted (a replacement may be made before the old one goes).
 */
export async function create(
  model: ResourceModel,
  inputs: Properties,
  api: Api,
  isTaken: (id: string) => boolean = () => false,
): Promise<Existing> {
  const marker = markerOf(model, inputs);
  if (marker !== undefined) {
    const left = await model.steps.candidates(api, marker, inputs);
    const own = marked(left.filter(({ id }) => !isTaken(id)), marker);
    if (own !== undefined) return adopted(model, own.id, inputs, api);
  }
  const request = toRequest(model, inputs);
  const takesTags = Object.values(model.properties).find(({ isTags }) => isTags);
  if (takesTags?.wire !== undefined && marker !== undefined) {
    const given = (request[takesTags.wire] ?? []) as { Key: string; Value: string }[];
    request[takesTags.wire] = [...given, ...markerTags(marker)];
  }
  return made(model, await model.steps.create(api, request, inputs), inputs, api);
}

/** Takes up what an interrupted create left: what it did not come to do is done now. */
async function adopted(model: ResourceModel, id: string, inputs: Properties, api: Api): Promise<Existing> {
  const shown = await model.steps.read(api, id, inputs);
  if (shown !== undefined) {
    const { changed, replaces } = plan(model, inputsOf(model, shown, inputs), inputs);
    const missing = new Set(changed.filter((name) => !replaces.includes(name)));
    if (missing.size > 0) await model.steps.update(api, id, missing, inputs);
  }
  return made(model, id, inputs, api);
}

async function made(model: ResourceModel, id: string, inputs: Properties, api: Api): Promise<Existing> {
  const shown = await model.steps.read(api, id, inputs);
  if (shown === undefined) throw new MadeButGone(`${model.name} ${id} was made, but is not there any more`);
  return { id, state: stateOf(model, shown, inputs) };
}

/** What the state keeps: the inputs, and what only the cloud knows. */
function stateOf(model: ResourceModel, shown: Shown, inputs: Properties): Properties {
  const outputs = Object.entries(model.outputs).map(([name, { shownAs }]) => [name, shown[shownAs]]);
  const properties = Object.entries(model.properties);
  const chosen = properties.filter(([name, { chosenByCloud }]) => chosenByCloud && inputs[name] === undefined);
  const named = properties.filter(([, { autoName }]) => autoName);
  const shownAs = [...chosen, ...named].map(([name, property]) => [name, shownValue(property, shown)]);
  const marks = chosen.length > 0 ? { chosenByCloud: chosen.map(([name]) => name) } : {};
  const known = Object.fromEntries([...shownAs, ...outputs]) as Properties;
  return { ...inputs, ...known, ...marks };
}

/** Reads a resource back; undefined when it is gone. */
export async function read(model: ResourceModel, id: string, state: Properties, api: Api): Promise<ReadBack | undefined> {
  const shown = await model.steps.read(api, id, state);
  if (shown === undefined) return undefined;
  const inputs = inputsOf(model, shown, state);
  return { id, inputs, state: stateOf(model, shown, inputs) };
}

/**
 * The inputs that would make the resource as it is: those given before with their values of today, and others only
 * where somebody changed them from what the cloud takes by itself.
 */
function inputsOf(model: ResourceModel, shown: Shown, before: Properties): Properties {
  const inputs: Properties = {};
  const chosen = (before["chosenByCloud"] ?? []) as readonly string[];
  for (const own of ["owner", "autoNamed"]) if (before[own] !== undefined) inputs[own] = before[own];
  for (const [name, property] of Object.entries(model.properties)) {
    if (property.wire === undefined && property.shownAs === undefined) {
      if (before[name] !== undefined) inputs[name] = before[name];
      continue;
    }
    const value = shownValue(property, shown);
    const isGiven = before[name] !== undefined && !chosen.includes(name);
    if (isGiven) inputs[name] = todaysValue(property, before[name], value);
    else if (!property.chosenByCloud && !isEmpty(value) && !isSame(value, property.default)) inputs[name] = value;
  }
  return inputs;
}

/** A given value as it is today, as far as the API shows it and the program spelled it out. */
function todaysValue(property: PropertyModel, before: unknown, shown: unknown): unknown {
  if (shown === undefined || (isEmpty(shown) && isEmpty(before))) return before;
  if (!property.chosenByCloud || !Array.isArray(shown) || !Array.isArray(before)) return shown;
  // Of each item only what the program gave: the cloud chose the rest.
  return shown.map((item: Shown, index) => {
    const given = before[index] as Shown | undefined;
    if (typeof given !== "object") return item;
    return Object.fromEntries(Object.keys(given).map((key) => [key, item[key]]));
  });
}

/** Changes a resource in place, and gives its new state. */
export async function update(model: ResourceModel, id: string, olds: Properties, news: Properties, api: Api): Promise<Properties> {
  const changed = new Set(plan(model, olds, news).changed);
  await model.steps.update(api, id, changed, { ...news, owner: olds["owner"] ?? news["owner"] });
  const shown = await model.steps.read(api, id, news);
  if (shown === undefined) throw new MadeButGone(`${model.name} ${id} was changed, but is not there any more`);
  return stateOf(model, shown, news);
}

/** Deletes a resource; one that is gone already is deleted. */
export async function remove(model: ResourceModel, id: string, state: Properties, api: Api): Promise<void> {
  await model.steps.delete(api, id, state);
}
