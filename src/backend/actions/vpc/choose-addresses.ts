/** Which addresses a new ENI gets. */
import { canonicalAddress, cidrHolds, formatIpv4, formatIpv6, parseAddress, parseCidr } from "../../../net/address.ts";
import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Rooms } from "../../rooms.ts";
import type { PrivateAddress, Subnet } from "../../vpc/network.ts";

type Request = ActionRequest<"CreateNetworkInterface">;

/** The most IPv4 addresses of one ENI. */
export const maxPrivateAddresses = 10;

function usedAddresses(rooms: Rooms, subnet: Subnet): Set<string> {
  const enis = rooms.network.enisIn(subnet.id);
  return new Set(enis.flatMap((eni) => [...eni.privateAddresses.map(({ address }) => address), ...eni.ipv6Addresses]));
}

/** The IPv4 addresses of a new ENI: those that are asked for, and free ones. */
export function choosePrivateAddresses(rooms: Rooms, subnet: Subnet, request: Request): PrivateAddress[] {
  const used = usedAddresses(rooms, subnet);
  const given = request.PrivateIpAddresses ?? [];
  const primaries = given.filter(({ Primary }) => Primary === true).length;
  if (primaries > 1) {
    throw new ApiError("InvalidParameterValue", `PrivateIpAddresses: ${primaries} addresses are marked Primary, one may be`);
  }
  if (subnet.cidr === "") return noIpv4(subnet, given.length + (request.SecondaryPrivateIpAddressCount ?? 0));
  const atLeast = given.length === 0 ? 1 : 0;
  const extras = (request.SecondaryPrivateIpAddressCount ?? 0) + atLeast;
  if (given.length + extras > maxPrivateAddresses) {
    const words = `SecondaryPrivateIpAddressCount: ${given.length + extras} addresses are more than the ${maxPrivateAddresses} of a network interface`;
    throw new ApiError("LimitExceeded", words);
  }
  const chosen = given.map((each, index): PrivateAddress => {
    const field = `PrivateIpAddresses.${index}.PrivateIpAddress`;
    const address = each.PrivateIpAddress ?? firstFree(subnet, used);
    checkAddress(subnet, used, field, address);
    used.add(address);
    const primary = primaries === 0 ? index === 0 : each.Primary === true;
    return { address, primary, description: each.Description ?? "", publicAddress: "" };
  });
  for (let extra = 0; extra < extras; extra++) {
    const address = firstFree(subnet, used);
    used.add(address);
    chosen.push({ address, primary: chosen.length === 0, description: "", publicAddress: "" });
  }
  return chosen;
}

/** What an ENI in a subnet with IPv6 only has of IPv4: nothing, and it must not ask for more. */
function noIpv4(subnet: Subnet, wanted: number): [] {
  if (wanted === 0) return [];
  throw new ApiError("InvalidParameterValue.Range", `PrivateIpAddresses: subnet ${subnet.id} has no IPv4 block`);
}

function checkAddress(subnet: Subnet, used: ReadonlySet<string>, field: string, text: string): void {
  const given = `${field}: ${JSON.stringify(text)}`;
  const block = parseCidr(subnet.cidr)!;
  const address = parseAddress(text)!;
  if (!cidrHolds(block, address)) {
    throw new ApiError("InvalidParameterValue.Range", `${given} is outside subnet ${subnet.id} (${subnet.cidr})`);
  }
  const { first, last } = usableRange(subnet);
  if (Number(address.bits) < first || Number(address.bits) > last) {
    throw new ApiError("InvalidParameterValue.Reserved", `${given} is reserved in ${subnet.cidr}`);
  }
  if (used.has(text)) throw new ApiError("ResourceInUse", `${given} is taken by another network interface`);
}

/** The addresses that ENIs may have: all but the network's own, the gateway's (the first) and the broadcast address. */
function usableRange(subnet: Subnet): { first: number; last: number } {
  const block = parseCidr(subnet.cidr)!;
  const base = Number(block.first);
  return { first: base + 2, last: base + 2 ** (32 - block.prefix) - 2 };
}

function firstFree(subnet: Subnet, used: ReadonlySet<string>): string {
  const { first, last } = usableRange(subnet);
  for (let value = first; value <= last; value++) {
    const address = formatIpv4(value);
    if (!used.has(address)) return address;
  }
  throw new ApiError("ResourceInsufficient.Subnet", `SubnetId: "${subnet.id}" has no free address left in ${subnet.cidr}`);
}

/** The IPv6 addresses of a new ENI: those that are asked for, and free ones. */
export function chooseIpv6Addresses(rooms: Rooms, subnet: Subnet, request: Request): string[] {
  const used = usedAddresses(rooms, subnet);
  const block = parseCidr(subnet.ipv6Cidr);
  const given = request.Ipv6Addresses ?? [];
  const wanted = request.Ipv6AddressCount ?? 0;
  if (block === undefined && given.length + wanted > 0) {
    const field = given.length > 0 ? `Ipv6Addresses.0.Address: ${JSON.stringify(given[0]!.Address)}` : `Ipv6AddressCount: ${wanted}`;
    throw new ApiError("InvalidParameterValue.Range", `${field}: subnet ${subnet.id} has no IPv6 block`);
  }
  const chosen = given.map(({ Address }, index) => {
    const shown = `Ipv6Addresses.${index}.Address: ${JSON.stringify(Address)}`;
    if (!cidrHolds(block!, parseAddress(Address)!)) {
      throw new ApiError("InvalidParameterValue.Range", `${shown} is outside subnet ${subnet.id} (${subnet.ipv6Cidr})`);
    }
    const address = canonicalAddress(Address)!;
    if (used.has(address)) throw new ApiError("ResourceInUse", `${shown} is taken by another network interface`);
    used.add(address);
    return address;
  });
  for (let next = 2n; chosen.length < given.length + wanted; next++) {
    const address = formatIpv6(block!.first + next);
    if (!used.has(address)) chosen.push(address);
  }
  return chosen;
}
