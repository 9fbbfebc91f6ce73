import { ApiError } from "../../../wire/errors.ts";
import type { Handler } from "../action.ts";
import { unmapEip } from "../eni-changes.ts";
import { findEip } from "./find-eip.ts";

/** Frees an EIP from the private address it is mapped to. */
export const disassociateAddress: Handler<"DisassociateAddress"> = (rooms, { AddressId }) => {
  const eip = findEip(rooms, "AddressId", AddressId);
  if (eip.eniId === "") {
    throw new ApiError("InvalidAddressIdStatus.NotPermit", `AddressId: ${JSON.stringify(AddressId)} is bound to nothing`);
  }
  unmapEip(rooms, eip);
  return { TaskId: rooms.calls.keepNumberedTask([AddressId]) };
};
