/** Whose a log store is that stands apart from the data folder: its control plane's, which carries a name for it. */
import { newUuid, type Random } from "../ids.ts";
import type { Ledger } from "../ledger.ts";

/** The control plane's name, made up once and kept with it. */
export function storeOwner(ledger: Ledger, random: Random): string {
  const owners = ledger.collection<{ readonly id: string }>("store-owner");
  const known = owners.get("logs");
  if (known !== undefined) return known.id;
  const id = newUuid(random);
  owners.put("logs", { id });
  return id;
}
