/**
 * Makes the resources described in the JSON file that STACK_DESCRIPTION names. A value `{"ref": "name.property"}` is
 * another resource's output; `{"later": "name", "value": ...}` is not known before that resource exists.
 */
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as flowlogs from "pulumi-flowlogs";
import type { Described } from "../described.ts";

interface Kind {
  new (name: string, args: object, opts: object): pulumi.CustomResource;
  get(name: string, id: string): pulumi.CustomResource;
}

const kinds = flowlogs as unknown as Record<string, Kind>;
const described = JSON.parse(readFileSync(process.env["STACK_DESCRIPTION"]!, "utf8")) as Described[];
const made = new Map<string, Record<string, unknown>>();

function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  if ("ref" in value && typeof value.ref === "string") {
    const [name = "", property = ""] = value.ref.split(".");
    return made.get(name)![property];
  }
  if ("later" in value && "value" in value) {
    const awaited = made.get(String(value.later))!["id"];
    return pulumi.all([awaited, resolved(value.value)]).apply(([_, known]) => known);
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolved(child)]));
}

for (const { kind, name, args, options, get } of described) {
  const known = kinds[kind]!;
  const resource = get === undefined ? new known(name, resolved(args) as object, options ?? {}) : known.get(name, get);
  made.set(name, resource as unknown as Record<string, unknown>);
}

/** The ids of everything, by name. */
export const ids = Object.fromEntries([...made].map(([name, resource]) => [name, resource["id"]]));
