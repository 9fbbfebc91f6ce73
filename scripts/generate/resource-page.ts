/** The reference page of a resource, as its model says. */
import type { Field } from "../../src/wire/fields.ts";
import { formats } from "../../src/wire/formats.ts";
import { fieldOf } from "../../src/model/convert.ts";
import type { PropertyModel, ResourceModel } from "../../src/model/resource-model.ts";
import { fieldType, isRequired, memberType, membersOf, propertyType, upperFirst } from "./types.ts";

/** The text of `docs/resources/<kind>.md`. */
export function resourcePage(model: ResourceModel): string {
  const rows = Object.entries(model.properties).map(([name, property]) =>
    [
      `\`${name}\``,
      typeText(model, name, property),
      isRequired(model, property) ? "yes" : whenLeftOut(property),
      property.replaceOnChange ? "**replaces**" : "updates in place",
      limits(fieldOf(model, property)),
      property.doc,
      property.wire === undefined ? "this provider" : `\`${property.action ?? model.create}.${property.wire}\``,
    ].join(" | "),
  );
  const outputs = Object.entries(model.outputs).map(([name, { doc }]) => `| \`${name}\` | ${doc} |`);
  return `<!-- Written by scripts/generate.ts from src/model; change the table there. -->
# ${model.name}

${model.doc}

| property | type | required | a change | limits | what it is | source |
| --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join("\n")}

${deletionText(model)}
${outputs.length === 0 ? "" : `\n| output | what it is |\n| --- | --- |\n| \`id\` | The resource's id. |\n${outputs.join("\n")}\n`}${nestedTypes(model).map(typeTable).join("")}`;
}

/** An object type inside a property, and the fields of it that a program may give. */
interface NestedType {
  readonly name: string;
  readonly members: ReturnType<typeof membersOf>;
}

function nestedTypes(model: ResourceModel): NestedType[] {
  const found = new Map<string, NestedType>();
  const walk = (field: Field | undefined, name: string, only?: readonly string[]): void => {
    if (field?.kind === "list") return walk(field.of, name, only);
    if (field?.kind !== "group" || found.has(name)) return;
    const members = membersOf(field, only);
    found.set(name, { name, members });
    for (const member of members) walk(member.field, memberType(name, member.name));
  };
  for (const [name, property] of Object.entries(model.properties)) {
    if (!property.isTags) walk(fieldOf(model, property), property.itemType ?? upperFirst(name), property.itemFields);
  }
  return [...found.values()];
}

const plainTypes = () => ({ wrap: (each: string) => each, suffix: "", named: new Map<string, string>() });

function typeTable({ name: type, members }: NestedType): string {
  const rows = members.map(({ name, wire, field }) => {
    const shown = fieldType(field, memberType(type, name), undefined, plainTypes()).replaceAll("|", "\\|");
    return `| \`${name}\` | \`${shown}\` | ${field.required ? "yes" : "no"} | ${limits(field)} | \`${wire}\` |`;
  });
  return `\n### ${type}\n\n| field | type | required | limits | source |\n| --- | --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function typeText(model: ResourceModel, name: string, property: PropertyModel): string {
  const type = propertyType(model, name, property, plainTypes());
  return `\`${type.replaceAll("|", "\\|")}\``;
}

function whenLeftOut(property: PropertyModel): string {
  if (property.autoName) return "no: a name is made up";
  if (property.chosenByCloud) return "no: the cloud chooses";
  return property.default === undefined ? "no" : `no: \`${JSON.stringify(property.default)}\``;
}

function limits(field: Field | undefined): string {
  switch (field?.kind) {
    case "text":
      return [
        field.maxChars === undefined ? "" : `at most ${field.maxChars} characters`,
        field.maxBytes === undefined ? "" : `at most ${field.maxBytes} bytes in UTF-8`,
        field.patternWords ?? "",
        field.format === undefined ? "" : formats[field.format].words,
      ]
        .filter((part) => part !== "")
        .join("; ")
        .replaceAll("|", "\\|");
    case "integer":
    case "number":
      return [field.min === undefined ? "" : `from ${field.min}`, field.max === undefined ? "" : `to ${field.max}`].join(" ").trim();
    case "list":
      return [field.maxItems === undefined ? "" : `at most ${field.maxItems}`, limits(field.of)].filter((part) => part !== "").join("; each: ");
    default:
      return "";
  }
}

function deletionText(model: ResourceModel): string {
  if (model.slots.length === 0) return "A replacement is made before the old one is deleted.";
  const slots = model.slots.map((slot) => slot.map((name) => `\`${name}\``).join(" and ")).join(", or ");
  return `A replacement is made before the old one is deleted, unless ${slots} (given by the program) stays the same or overlaps: then the old one goes first.`;
}
