/** TypeScript types of properties, read off their field rules. */
import { fieldOf, propertyName } from "../../src/model/convert.ts";
import type { PropertyModel, ResourceModel } from "../../src/model/resource-model.ts";
import type { Field, GroupField } from "../../src/wire/fields.ts";

/** Nested object types, by name, in the order they are needed. */
export type NamedTypes = Map<string, string>;

interface Spelling {
  /** How a value may be given: as itself, or as Pulumi's input. */
  readonly wrap: (type: string) => string;
  readonly suffix: string;
  readonly named: NamedTypes;
}

/** The type of a property; nested objects get types of their own in `named`. */
export function propertyType(model: ResourceModel, name: string, property: PropertyModel, spelling: Spelling): string {
  if (property.isTags) return `Record<string, ${spelling.wrap("string")}>`;
  const field = fieldOf(model, property);
  if (field === undefined) return property.type ?? "unknown";
  return fieldType(field, property.itemType ?? upperFirst(name), property.itemFields, spelling);
}

/** The type of a field's value; nested objects are called after `typeName`. */
export function fieldType(field: Field, typeName: string, only: readonly string[] | undefined, spelling: Spelling): string {
  switch (field.kind) {
    case "text":
      return field.oneOf === undefined ? "string" : field.oneOf.map((value) => JSON.stringify(value)).join(" | ");
    case "integer":
    case "number":
      return "number";
    case "flag":
      return "boolean";
    case "list":
      return `${bracketed(spelling.wrap(fieldType(field.of, typeName, only, spelling)))}[]`;
    case "group":
      return nameGroup(field, typeName, only, spelling);
  }
}

function nameGroup(group: GroupField, typeName: string, only: readonly string[] | undefined, spelling: Spelling): string {
  const fullName = typeName + spelling.suffix;
  if (spelling.named.has(fullName)) return fullName;
  spelling.named.set(fullName, "");
  const members = membersOf(group, only).map(({ name, field }) => {
    const type = fieldType(field, memberType(typeName, name), undefined, spelling);
    return `  ${name}${field.required ? "" : "?"}: ${spelling.wrap(type)};`;
  });
  spelling.named.delete(fullName);
  spelling.named.set(fullName, `export interface ${fullName} {\n${members.join("\n")}\n}`);
  return fullName;
}

/** What a program may give in an object. */
export function membersOf(group: GroupField, only: readonly string[] | undefined): { name: string; wire: string; field: Field }[] {
  return Object.entries(group.fields)
    .map(([wire, field]) => ({ name: propertyName(wire), wire, field }))
    .filter(({ name, field }) => field.unsupported === undefined && (only === undefined || only.includes(name)));
}

/** What an object inside another one is called as a type. */
export function memberType(typeName: string, name: string): string {
  return typeName + upperFirst(name);
}

function bracketed(type: string): string {
  return /[ |]/.test(type) && !type.endsWith(">") ? `(${type})` : type;
}

export function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Whether a program must give a property. */
export function isRequired(model: ResourceModel, property: PropertyModel): boolean {
  if (property.autoName || property.default !== undefined || property.action !== undefined) return false;
  return fieldOf(model, property)?.required === true;
}
