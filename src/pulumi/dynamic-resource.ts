/**
 * The dynamic resource that all kinds share: a provider that is a line of text, and the inputs it adds.
 *
 * Pulumi keeps a dynamic resource's provider as text in the state and runs that text later, elsewhere. The SDK would
 * make that text out of functions and whatever they refer to; ours is written out, so that it is short, the same from
 * release to release, and holds nothing but the kind's name. All it does is to load the package by its name.
 */
import * as pulumi from "@pulumi/pulumi";
import { type ResourceName, resources } from "../model/resources.ts";

const methods = ["configure", "check", "diff", "create", "read", "update", "delete"];

const missingPackage = "pulumi-flowlogs cannot be loaded from the program's folder; run npm install there: ";

/** The module that Pulumi's dynamic provider runs: `handler()` gives the provider's methods. */
function providerText(type: ResourceName): string {
  return `const load = () => import("pulumi-flowlogs/provider").catch((e) => { throw new Error(${JSON.stringify(missingPackage)} + e.message); });
const method = (m) => async (...a) => (await load())[m](${JSON.stringify(type)}, ...a);
exports.handler = () => Object.fromEntries(${JSON.stringify(methods)}.map((m) => [m, method(m)]));
`;
}

/**
 * A resource of this package: what its class adds is only the types of its properties.
 *
 * Some of Pulumi's options never reach a dynamic resource's provider, so they travel as inputs: `import`, with which one
 * that exists is taken over, `customTimeouts`, and `retainOnDelete`.
 */
export abstract class FlowLogsResource extends pulumi.CustomResource {
  constructor(type: ResourceName, name: string, args: object, opts: pulumi.CustomResourceOptions = {}) {
    const { properties, outputs } = resources[type];
    const unset = Object.fromEntries([...Object.keys(properties), ...Object.keys(outputs)].map((key) => [key, undefined]));
    const owner = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const { import: importId, ...others } = opts;
    const { customTimeouts } = opts;
    const retainOnDelete = opts.retainOnDelete === true ? true : undefined;
    const lookedUp = opts.id === undefined ? undefined : true;
    const inputs = { ...unset, ...args, owner, importId, customTimeouts, retainOnDelete, lookedUp, __provider: providerText(type) };
    super(`pulumi-nodejs:dynamic/flowlogs:${type}`, name, inputs, others);
  }
}
