/** A resource as the API shows it, in the terms of a program: what the state keeps, and the inputs that would make it. */
import { carriedInputs } from "./check.ts";
import { isEmpty, isSame, shownValue } from "./convert.ts";
import type { Properties, PropertyModel, ResourceModel, Shown } from "./resource-model.ts";

/** What the state keeps: the inputs, and what only the cloud knows. */
export function stateOf(model: ResourceModel, shown: Shown, inputs: Properties): Properties {
  const outputs = Object.entries(model.outputs).map(([name, { shownAs }]) => [name, shown[shownAs]]);
  const properties = Object.entries(model.properties);
  const chosen = properties.filter(([name, { chosenByCloud }]) => chosenByCloud && inputs[name] === undefined);
  const named = properties.filter(([, { autoName }]) => autoName);
  const shownAs = [...chosen, ...named].map(([name, property]) => [name, shownValue(property, shown)]);
  const marks = chosen.length > 0 ? { chosenByCloud: chosen.map(([name]) => name) } : {};
  const known = Object.fromEntries([...shownAs, ...outputs]) as Properties;
  return { ...inputs, ...known, ...marks };
}

/**
 * The inputs that would make the resource as it is: those given before with their values of today, and others only
 * where somebody changed them from what the cloud takes by itself.
 */
export function inputsOf(model: ResourceModel, shown: Shown, before: Properties): Properties {
  const inputs: Properties = {};
  const chosen = (before["chosenByCloud"] ?? []) as readonly string[];
  for (const own of carriedInputs) if (before[own] !== undefined) inputs[own] = before[own];
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
