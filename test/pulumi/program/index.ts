/**
 * Makes the resources described in the JSON file that STACK_DESCRIPTION names. A value `{"ref": "name.property"}` is
 * another resource's output, by which a preview meets values that are not known yet.
 */
import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import * as flowlogs from "pulumi-flowlogs";
import type { Described } from "../described.ts";

const kinds = flowlogs as unknown as Record<string, new (name: string, args: object, opts: object) => pulumi.CustomResource>;
const described = JSON.parse(readFileSync(process.env["STACK_DESCRIPTION"]!, "utf8")) as Described[];
const made = new Map<string, Record<string, unknown>>();

function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  if ("ref" in value && typeof value.ref === "string") {
    const [name = "", property = ""] = value.ref.split(".");
    return made.get(name)![property];
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolved(child)]));
}

for (const { kind, name, args, options } of described) {
  made.set(name, new kinds[kind]!(name, resolved(args) as object, options ?? {}) as unknown as Record<string, unknown>);
}

/** The ids of everything, by name. */
export const ids = Object.fromEntries([...made].map(([name, resource]) => [name, resource["id"]]));
