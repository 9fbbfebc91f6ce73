/** The source of a resource's class and its arguments, as its model says. */
import type { ResourceModel } from "../../src/model/resource-model.ts";
import { isRequired, type NamedTypes, propertyType } from "./types.ts";

/** The text of `src/pulumi/<kind>.ts`. */
export function resourceClass(model: ResourceModel): string {
  const named: NamedTypes = new Map();
  const input = { wrap: (type: string) => `pulumi.Input<${type}>`, suffix: "Args", named };
  const output = { wrap: (type: string) => type, suffix: "", named };
  const properties = Object.entries(model.properties);
  const args = properties.map(([name, property]) => {
    const type = input.wrap(propertyType(model, name, property, input));
    return `${comment(docOf(property), 2)}\n  ${name}${isRequired(model, property) ? "" : "?"}: ${type} | undefined;`
      .replace(/(\n {2}\w+): (.*) \| undefined;$/, "$1: $2;");
  });
  const outputs = properties.map(([name, property]) => {
    const type = propertyType(model, name, property, output);
    const isAlways = isRequired(model, property) || property.autoName || property.chosenByCloud;
    return `${comment(property.doc, 2)}\n  declare readonly ${name}: pulumi.Output<${isAlways ? type : `${type} | undefined`}>;`;
  });
  const known = Object.entries(model.outputs).map(
    ([name, { doc }]) => `${comment(doc, 2)}\n  declare readonly ${name}: pulumi.Output<string>;`,
  );
  const isNeedless = !properties.some(([, property]) => isRequired(model, property));
  const nested = [...named.values()].map((text) => `${text}\n`).join("\n");
  return `// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

${nested === "" ? "" : `${nested}\n`}/** The arguments of a {@link ${model.name}}. */
export interface ${model.name}Args {
${args.join("\n")}
}

${comment(model.doc, 0)}
export class ${model.name} extends FlowLogsResource {
${[...outputs, ...known].join("\n")}

  constructor(name: string, args: ${model.name}Args${isNeedless ? " = {}" : ""}, opts?: pulumi.CustomResourceOptions) {
    super(${JSON.stringify(model.name)}, name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): ${model.name} {
    return new ${model.name}(name, ${isNeedless ? "{}" : `{} as ${model.name}Args`}, { ...opts, id });
  }
}
`;
}

function docOf(property: { doc: string; replaceOnChange?: true; default?: unknown }): string {
  const effects = [property.replaceOnChange ? "A change replaces." : "", property.default === undefined ? "" : `Default: ${JSON.stringify(property.default)}.`];
  return [property.doc, ...effects].filter((part) => part !== "").join(" ");
}

/** A doc comment, wrapped to the width of the code. */
function comment(text: string, indent: number): string {
  const pad = " ".repeat(indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length > 112 - indent) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  if (lines.length === 1) return `${pad}/** ${lines[0]} */`;
  return [`${pad}/**`, ...lines.map((each) => `${pad} * ${each}`), `${pad} */`].join("\n");
}
