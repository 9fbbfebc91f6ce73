import { formatIpv4 } from "../../../net/address.ts";
import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { Eip } from "../../vpc/network.ts";
import type { Handler } from "../action.ts";
import { once } from "../once.ts";
import { readTags } from "../tags.ts";

// RFC 2544's block for tests: public-looking addresses that no host of the internet has.
const poolFirst = 198 * 2 ** 24 + 18 * 2 ** 16;
const poolSize = 2 ** 17;

/** Hands out EIPs: the public addresses that are asked for, or free ones of the pool. */
export const allocateAddresses: Handler<"AllocateAddresses"> = (rooms, request) =>
  once(rooms, "AllocateAddresses", request, () => {
    const { VipCluster, AddressCount } = request;
    if (VipCluster !== undefined && AddressCount !== undefined && VipCluster.length !== AddressCount) {
      const words = `VipCluster: ${VipCluster.length} addresses for AddressCount ${AddressCount}`;
      throw new ApiError("InvalidParameterValue.Combination", words);
    }
    const used = new Set([...rooms.network.eips.values()].map(({ address }) => address));
    const addresses = VipCluster ?? Array.from({ length: AddressCount ?? 1 }, () => firstFree(rooms, used));
    if (VipCluster !== undefined) refuseUsed(VipCluster, used);
    const tags = readTags(request.Tags, "eip");
    const eips = addresses.map((address): Eip => ({
      id: newId("eip", rooms.random),
      name: request.AddressName ?? "",
      address,
      eniId: "",
      privateAddress: "",
      chargeType: request.InternetChargeType ?? "TRAFFIC_POSTPAID_BY_HOUR",
      bandwidthMbps: request.InternetMaxBandwidthOut ?? 1,
      tags,
      createdMs: rooms.clock.nowMs(),
    }));
    for (const eip of eips) rooms.network.eips.put(eip.id, eip);
    const ids = eips.map(({ id }) => id);
    return { AddressSet: ids, TaskId: rooms.calls.keepNumberedTask(ids) };
  });

function refuseUsed(wanted: readonly string[], used: Set<string>): void {
  for (const [index, address] of wanted.entries()) {
    if (used.has(address)) {
      const words = `VipCluster.${index}: ${JSON.stringify(address)} is taken`;
      throw new ApiError("InvalidParameterValue.AddressIpNotAvailable", words);
    }
    used.add(address);
  }
}

/** A free address of the pool; from a place that chance picks onwards. */
function firstFree(rooms: Rooms, used: Set<string>): string {
  const start = rooms.random.next() % poolSize;
  for (let step = 0; step < poolSize; step++) {
    const address = formatIpv4(poolFirst + ((start + step) % poolSize));
    if (used.has(address)) continue;
    used.add(address);
    return address;
  }
  throw new ApiError("ResourceInsufficient", `AddressCount: all ${poolSize} addresses of the pool are taken`);
}
