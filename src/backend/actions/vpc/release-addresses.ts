import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { findEip } from "./find-eip.ts";

/** Gives EIPs back; one that is bound to something is refused. */
export const releaseAddresses: Handler<"ReleaseAddresses"> = (rooms, { AddressIds }) => {
  for (const [index, id] of AddressIds.entries()) {
    const eip = findEip(rooms, `AddressIds.${index}`, id);
    if (eip.eniId !== "") {
      throw new ApiError("InvalidAddressState", `AddressIds.${index}: ${JSON.stringify(id)} is bound to ${eip.eniId}, disassociate it first`);
    }
    rooms.network.eips.delete(id);
  }
  return { TaskId: rooms.calls.keepNumberedTask(AddressIds) };
};
