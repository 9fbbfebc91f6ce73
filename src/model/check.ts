/** Checks what a program gives, in the server's own words, and completes it: names, and the cloud's spelling. */
import { requestViolations } from "../wire/action.ts";
import { actions } from "../wire/actions.ts";
import { shown } from "../wire/validate.ts";
import { fieldOf, propertyName, toRequest } from "./convert.ts";
import type { Properties, PropertyModel, ResourceModel } from "./resource-model.ts";
import { timeoutViolations } from "./timeouts.ts";
import { holdsUnknown, isUnknown } from "./unknown.ts";

/** A property that cannot stay as it is, and why. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** Completed properties and what is wrong with them. */
export interface Checked {
  readonly inputs: Properties;
  readonly failures: readonly Failure[];
}

/**
 * Properties that the provider itself adds, beside those of the tables: whose a resource is (`project/stack/name`),
 * whether its name was made up, how long each operation may take, the id of one to be imported, whether the engine
 * keeps it when it goes from the program, and whether it is only looked up.
 */
export const ownInputs = ["owner", "autoNamed", "customTimeouts", "importId", "retainOnDelete", "lookedUp"] as const;

/** Those of them that reading a resource back keeps. */
export const carriedInputs = ["owner", "autoNamed", "customTimeouts", "retainOnDelete"] as const;

/** Checks and completes `news`; a name made up before (in `olds`) stays. */
export function check(model: ResourceModel, olds: Properties, news: Properties, randomSuffix: () => string): Checked {
  const { autoNamed: _, chosenByCloud: __, ...program } = news;
  const given = Object.fromEntries(Object.entries(program).filter(([, value]) => value !== undefined && value !== null));
  const { named, autoNamed } = nameIt(model, olds, given, randomSuffix);
  const inputs = canonicalInputs(model, named);
  if (autoNamed) inputs["autoNamed"] = true;
  const failures = [...unknownNames(model, news), ...violations(model, inputs), ...timeoutViolations(inputs["customTimeouts"])];
  return { inputs, failures };
}

function nameIt(model: ResourceModel, olds: Properties, given: Properties, randomSuffix: () => string) {
  const [property] = Object.entries(model.properties).find(([, { autoName }]) => autoName) ?? [];
  if (property === undefined || given[property] !== undefined) return { named: given, autoNamed: false };
  const before = olds["autoNamed"] === true ? olds[property] : undefined;
  const name = before ?? madeUpName(model, property, given, randomSuffix);
  return { named: { ...given, [property]: name }, autoNamed: true };
}

/** The resource's name in the program and a random suffix, cut to what the API takes. */
function madeUpName(model: ResourceModel, property: string, given: Properties, randomSuffix: () => string): string {
  const field = fieldOf(model, model.properties[property]!);
  const limit = field?.kind === "text" ? (field.maxChars ?? field.maxBytes ?? 60) : 60;
  const owner = typeof given["owner"] === "string" ? given["owner"] : "";
  const logicalName = owner.split("/").at(-1) || model.name.toLowerCase();
  const suffix = `-${randomSuffix()}`;
  // The limit may count bytes.
  let stem = logicalName.replaceAll("|", "-");
  while (Buffer.byteLength(stem) + suffix.length > limit) stem = [...stem].slice(0, -1).join("");
  return stem + suffix;
}

function canonicalInputs(model: ResourceModel, given: Properties): Properties {
  const inputs: Properties = { ...given };
  for (const [name, { canonical }] of Object.entries(model.properties)) {
    if (canonical === undefined || inputs[name] === undefined || holdsUnknown(inputs[name])) continue;
    inputs[name] = canonical(inputs[name] as never);
  }
  return inputs;
}

function unknownNames(model: ResourceModel, news: Properties): Failure[] {
  const known = new Set([...Object.keys(model.properties), ...Object.keys(model.outputs), ...ownInputs, "chosenByCloud", "__provider"]);
  return Object.keys(news)
    .filter((name) => !known.has(name) && news[name] !== undefined)
    .map((property) => ({
      property,
      reason: `${property}: ${model.name} has no such property (it was given ${shown(news[property])})`,
    }));
}

function violations(model: ResourceModel, inputs: Properties): Failure[] {
  const properties = Object.entries(model.properties);
  const others = properties.map(([, { action }]) => action).filter((action) => action !== undefined);
  return [model.create, ...new Set(others)].flatMap((action) => {
    const own = properties.filter(([, property]) => (property.action ?? model.create) === action);
    const found = requestViolations(actions[action], toRequest(model, inputs, action), isUnknown);
    const failures = found.map(({ path, message }) => ({ property: propertyAt(own, path), reason: message }));
    // Beside the create action's, only what the program gave is looked at: the rest is the provider's to fill in.
    return action === model.create ? failures : failures.filter(({ property }) => Object.hasOwn(inputs, property.split(".")[0] ?? ""));
  });
}

/** The property, in the program's spelling, at a place of the request. */
function propertyAt(properties: readonly (readonly [string, PropertyModel])[], path: string): string {
  const holder = properties.find(([, { wire }]) => path === wire || path.startsWith(`${wire}.`));
  if (holder === undefined) return path.split(".").map(propertyName).join(".");
  const [name, { wire }] = holder;
  return name + path.slice(wire!.length).split(".").map(propertyName).join(".");
}
