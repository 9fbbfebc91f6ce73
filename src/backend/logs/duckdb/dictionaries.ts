/** The embedded store's dictionaries, together. */
import type { Placement, RuleOfReason } from "../kept-log.ts";
import type { IndexRule } from "../log-store.ts";
import { Dictionary } from "./dictionary.ts";
import type { Run } from "./engine.ts";

/** All dictionaries; they are read, saved and forgotten together. */
export class Dictionaries {
  readonly topics = new Dictionary<string>("topic_name", { name: (name) => name }, ({ name }) => name!);
  readonly placements = new Dictionary<Placement>(
    "placement",
    { account: (item) => item.account, eni: (item) => item.eni, vpc: (item) => item.vpc, subnet: (item) => item.subnet },
    (row) => ({ account: row["account"]!, eni: row["eni"]!, vpc: row["vpc"]!, subnet: row["subnet"]! }),
  );
  readonly reasons = new Dictionary<RuleOfReason>(
    "reason",
    {
      layer: ({ layer }) => layer,
      direction: ({ direction }) => direction,
      decider: ({ decider }) => decider,
      place: ({ place }) => place,
      because: ({ because }) => because,
    },
    (row) => ({
      layer: row["layer"]!,
      direction: row["direction"]!,
      decider: row["decider"]!,
      place: Number(row["place"]),
      because: row["because"]!,
    }),
  );
  readonly rules = new Dictionary<IndexRule>(
    "rule",
    { body: (rule) => JSON.stringify([rule.fullText ?? null, rule.keyValue ?? null, rule.tag ?? null]) },
    ({ body }) => {
      const [fullText, keyValue, tag] = JSON.parse(body!) as (object | null)[];
      return { fullText: fullText ?? undefined, keyValue: keyValue ?? undefined, tag: tag ?? undefined } as IndexRule;
    },
  );

  private all() {
    return [this.topics, this.placements, this.reasons, this.rules];
  }

  async load(run: Run): Promise<void> {
    for (const each of this.all()) await each.load(run);
  }

  async save(run: Run): Promise<void> {
    for (const each of this.all()) await each.save(run);
  }

  keep(): void {
    for (const each of this.all()) each.keep();
  }

  forget(): void {
    for (const each of this.all()) each.forget();
  }
}
