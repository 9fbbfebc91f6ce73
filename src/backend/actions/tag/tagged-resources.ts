/** Where the tags of each kind of resource are kept: what the tag service reads and changes. */
import type { Collection } from "../../ledger.ts";
import type { Rooms } from "../../rooms.ts";
import type { Network, Tags } from "../../vpc/network.ts";

/** A collection of things with tags. */
export interface TaggedCollection {
  get(id: string): { readonly tags: Tags } | undefined;
  setTags(id: string, tags: Tags): void;
}

function tagged<T extends { readonly tags: Tags }>(collection: Collection<T>): TaggedCollection {
  return {
    get: (id) => collection.get(id),
    setTags: (id, tags) => collection.put(id, { ...collection.get(id)!, tags }),
  };
}

/** A VPC's main route table has no collection of its own: its tags are kept with the VPC. */
function routeTables({ vpcs }: Network): TaggedCollection {
  const owner = (id: string) => [...vpcs.values()].find(({ routeTableId }) => routeTableId === id);
  return {
    get: (id) => owner(id) && { tags: owner(id)?.routeTableTags ?? {} },
    setTags: (id, routeTableTags) => {
      const vpc = owner(id)!;
      vpcs.put(vpc.id, { ...vpc, routeTableTags });
    },
  };
}

/** The collection that a resource prefix of the tag service stands for. */
export function collectionOf(rooms: Rooms, prefix: string): TaggedCollection | undefined {
  const { network, logs, flowLogs } = rooms;
  const collections: Readonly<Record<string, () => TaggedCollection>> = {
    vpc: () => tagged(network.vpcs),
    subnet: () => tagged(network.subnets),
    eni: () => tagged(network.enis),
    sg: () => tagged(network.securityGroups),
    acl: () => tagged(network.networkAcls),
    eip: () => tagged(network.eips),
    rtb: () => routeTables(network),
    fl: () => tagged(flowLogs),
    logset: () => tagged(logs.logsets),
    topic: () => tagged(logs.topics),
  };
  return Object.hasOwn(collections, prefix) ? collections[prefix]!() : undefined;
}
