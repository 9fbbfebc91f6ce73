/** Changes of an ENI that several actions make: its groups, and the public addresses mapped to it. */
import { maxGroups } from "../../wire/vpc/network-interfaces.ts";
import { ApiError } from "../../wire/errors.ts";
import type { Rooms } from "../rooms.ts";
import type { Eip, Eni } from "../vpc/network.ts";
import { found } from "./action.ts";

/** Refuses groups that do not exist. */
export function checkGroups({ network }: Rooms, groupIds: readonly string[]): void {
  for (const [index, id] of groupIds.entries()) {
    found(network.securityGroups.get(id), `SecurityGroupIds.${index}`, id);
  }
}

/** Puts an ENI into these groups and no others; more than an ENI may have are refused. */
export function putIntoGroups({ network }: Rooms, eni: Eni, securityGroupIds: readonly string[]): void {
  if (securityGroupIds.length > maxGroups) {
    const words = `NetworkInterfaceIds: ${eni.id} would be in ${securityGroupIds.length} security groups, more than ${maxGroups}`;
    throw new ApiError("LimitExceeded", words);
  }
  network.enis.put(eni.id, { ...eni, securityGroupIds });
}

/** Maps a public address to a private one of an ENI, or (empty) takes the mapping away. */
export function mapPublicAddress({ network }: Rooms, eni: Eni, privateAddress: string, publicAddress: string): void {
  const privateAddresses = eni.privateAddresses.map((each) => (each.address === privateAddress ? { ...each, publicAddress } : each));
  network.enis.put(eni.id, { ...eni, privateAddresses });
}

/** Frees an EIP from what it is mapped to. */
export function unmapEip(rooms: Rooms, eip: Eip): void {
  const eni = rooms.network.enis.get(eip.eniId);
  if (eni !== undefined) mapPublicAddress(rooms, eni, eip.privateAddress, "");
  rooms.network.eips.put(eip.id, { ...eip, eniId: "", privateAddress: "" });
}
