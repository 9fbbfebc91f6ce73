/**
 * The dynamic resource that all kinds share: a provider that is a few lines of text, and the inputs it adds.
 */
import * as pulumi from "@pulumi/pulumi";
import { type ResourceName, resources } from "../model/resources.ts";

/**
 * The provider of one kind of resource. Pulumi stores these functions as text in the state and runs that text later,
 * elsewhere: each may hold nothing but the kind's name, and loads its work by the package's name when it is called.
 */
function providerOf(type: ResourceName): pulumi.dynamic.ResourceProvider {
  return {
    async configure(request) {
      (await import("pulumi-flowlogs/provider")).configure(request.config);
    },
    async check(olds, news) {
      return (await import("pulumi-flowlogs/provider")).check(type, olds, news);
    },
    async diff(id, olds, news) {
      return (await import("pulumi-flowlogs/provider")).diff(type, id, olds, news);
    },
    async create(inputs) {
      return (await import("pulumi-flowlogs/provider")).create(type, inputs);
    },
    async read(id, state) {
      return (await import("pulumi-flowlogs/provider")).read(type, id, state);
    },
    async update(id, olds, news) {
      return (await import("pulumi-flowlogs/provider")).update(type, id, olds, news);
    },
    async delete(id, state) {
      return (await import("pulumi-flowlogs/provider")).remove(type, id, state);
    },
  };
}

const providers = new Map<ResourceName, pulumi.dynamic.ResourceProvider>();

/** A resource of this package: what its class adds is only the types of its properties. */
export abstract class FlowLogsResource extends pulumi.dynamic.Resource {
  constructor(type: ResourceName, name: string, args: object, opts?: pulumi.CustomResourceOptions) {
    const provider = providers.get(type) ?? providerOf(type);
    providers.set(type, provider);
    const { properties, outputs } = resources[type];
    const unset = Object.fromEntries([...Object.keys(properties), ...Object.keys(outputs)].map((key) => [key, undefined]));
    const owner = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    super(provider, name, { ...unset, ...args, owner }, opts, "flowlogs", type);
  }
}
