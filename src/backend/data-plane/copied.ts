/** Collections as another thread has them: what changed of them travels, and the copies follow. */
import { type Collection, copies } from "../ledger.ts";
import type { FlowLog } from "../flow/flow-log.ts";
import { Network } from "../vpc/network.ts";

interface Named {
  readonly id: string;
}

/** What changed of a collection. */
export interface Change {
  /** All ids that are in it now, in their order. */
  readonly ids: readonly string[];
  /** The objects that are new. */
  readonly changed: ReadonlyMap<string, Named>;
}

/** What the data plane looks at, by name. */
const looksAt = ["vpcs", "subnets", "enis", "securityGroups", "networkAcls", "flowLogs"] as const;

/** What changed of the collections that the data plane looks at. */
export type Changes = Partial<Record<(typeof looksAt)[number], Change>>;

/** The network, and the flow logs that watch it. */
export interface Watched {
  readonly network: Network;
  readonly flowLogs: Collection<FlowLog>;
}

function collectionsOf({ network, flowLogs }: Watched) {
  return { ...network, flowLogs } as unknown as Readonly<Record<(typeof looksAt)[number], Collection<Named>>>;
}

/** Says what changed of the originals since it was asked last. */
export class Originals {
  private readonly watched: Watched;
  private readonly told = new Map<string, { readonly revision: number; readonly items: ReadonlyMap<string, Named> }>();

  constructor(watched: Watched) {
    this.watched = watched;
  }

  changes(): Changes {
    const collections = collectionsOf(this.watched);
    const changes: Changes = {};
    for (const name of looksAt) {
      const collection = collections[name];
      const told = this.told.get(name);
      if (told?.revision === collection.revision) continue;
      const items = new Map([...collection.values()].map((item) => [item.id, item]));
      this.told.set(name, { revision: collection.revision, items });
      // Objects are values: the same object is the same as it was.
      changes[name] = { ids: [...items.keys()], changed: new Map([...items].filter(([id, item]) => told?.items.get(id) !== item)) };
    }
    return changes;
  }
}

/** The copies: a network and flow logs that are read only. */
export class Copies implements Watched {
  readonly network = new Network(copies);
  readonly flowLogs = copies.collection<FlowLog>("flow-log");

  /** Makes them what the originals were when they told of these changes. */
  follow(changes: Changes): void {
    const collections = collectionsOf(this);
    for (const name of looksAt) {
      const change = changes[name];
      if (change !== undefined) collections[name].become(change.ids, change.changed);
    }
  }
}
