/** An EIP by the id that an action is given. */
import { ApiError } from "../../../wire/errors.ts";
import type { Rooms } from "../../rooms.ts";
import type { Eip } from "../../vpc/network.ts";

/** The EIP, or the refusal with the family's own code. */
export function findEip({ network }: Rooms, field: string, id: string): Eip {
  const eip = network.eips.get(id);
  if (eip === undefined) throw new ApiError("InvalidAddressId.NotFound", `${field}: ${JSON.stringify(id)} does not exist`);
  return eip;
}
