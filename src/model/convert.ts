/** Between a program's spelling (`cidrBlock`, tags as a map) and the API's (`CidrBlock`, tags as a list). */
import { type ActionName, actions } from "../wire/actions.ts";
import type { Field, Fields } from "../wire/fields.ts";
import { isMarkerKey, type PropertyModel, type Properties, type ResourceModel, type Shown } from "./resource-model.ts";

/** A program's spelling of an API field: its first letter small. */
export function propertyName(wireName: string): string {
  return wireName.charAt(0).toLowerCase() + wireName.slice(1);
}

/** A value in the API's spelling. */
export function toWire(value: unknown): unknown {
  return renameKeys(value, (name) => name.charAt(0).toUpperCase() + name.slice(1));
}

/** A value in the program's spelling. */
export function fromWire(value: unknown): unknown {
  return renameKeys(value, propertyName);
}

function renameKeys(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [rename(name), renameKeys(child, rename)]));
}

/** The rule of the field that a property becomes. */
export function fieldOf(model: ResourceModel, property: PropertyModel): Field | undefined {
  let fields: Fields | undefined = actions[property.action ?? model.create].request;
  let field: Field | undefined;
  for (const step of property.wire?.split(".") ?? []) {
    field = fields?.[step];
    fields = field?.kind === "group" ? field.fields : undefined;
  }
  return field;
}

/** The request that properties make of an action; what the table does not know is left for the validator to refuse. */
export function toRequest(model: ResourceModel, properties: Properties, action: ActionName = model.create): Record<string, unknown> {
  const request: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(model.properties)) {
    if (property.wire === undefined || (property.action ?? model.create) !== action) continue;
    const whenLeftOut = fieldOf(model, property)?.required ? property.default : undefined;
    const value = properties[name] ?? whenLeftOut;
    if (value === undefined) continue;
    const steps = property.wire.split(".");
    let place = request;
    for (const step of steps.slice(0, -1)) place = (place[step] ??= {}) as Record<string, unknown>;
    place[steps.at(-1)!] = property.isTags ? tagList(value) : toWire(value);
  }
  return request;
}

/** Tags as a list; what is no map stays as it is for the validator to refuse. */
export function tagList(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value).map(([Key, Value]) => ({ Key, Value: Value as string }));
}

/** A property's value as the API shows it, in the program's spelling. */
export function shownValue(property: PropertyModel, shown: Shown): unknown {
  const field = property.shownAs ?? property.wire?.split(".").at(-1);
  if (field === undefined) return undefined;
  const value = shown[field];
  if (property.isTags) return tagMap(value);
  const renamed = fromWire(value);
  return property.itemFields && Array.isArray(renamed) ? renamed.map((item) => pick(item as Shown, property.itemFields!)) : renamed;
}

function tagMap(value: unknown): Record<string, string> {
  const tags = (value ?? []) as readonly { Key: string; Value: string }[];
  return Object.fromEntries(tags.filter(({ Key }) => !isMarkerKey(Key)).map(({ Key, Value }) => [Key, Value]));
}

/** The fields of an item that are the program's; those the cloud leaves empty are absent. */
function pick(item: Shown, names: readonly string[]): Shown {
  return Object.fromEntries(names.filter((name) => !isEmpty(item[name])).map((name) => [name, item[name]]));
}

/** Whether a value says nothing: what the API shows for a property that was never given. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  if (typeof value === "object") return Object.keys(value).length === 0;
  return false;
}

/** Whether two plain values are the same, whatever the order of their keys; an absent key is an undefined one. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Shown, b as Shown];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => isSame(left[name], right[name]));
}
