/** Network ACL rules between the wire and the rooms: the triple form names one end, the quintuple form both. */
import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { NetworkAclRule } from "../../vpc/network.ts";

type Request = ActionRequest<"ModifyNetworkAclEntries">;
type Entry = NonNullable<NonNullable<Request["NetworkAclEntrySet"]>["Ingress"]>[number];
type Quintuple = NonNullable<NonNullable<Request["NetworkAclQuintupleSet"]>["Ingress"]>[number];

/** A rule of the triple form: the remote end is the source inwards, the destination outwards. */
export function readEntry(rooms: Rooms, entry: Entry, remote: "source" | "destination", field: string): NetworkAclRule {
  const protocol = entry.Protocol.toUpperCase();
  const port = (entry.Port ?? "ALL").toUpperCase();
  refusePort(protocol, port, `${field}.Port`);
  const cidr = entry.CidrBlock ?? entry.Ipv6CidrBlock ?? "";
  return {
    ...common(rooms, entry, protocol),
    sourceCidr: remote === "source" ? cidr : "",
    sourcePort: "ALL",
    destinationCidr: remote === "destination" ? cidr : "",
    destinationPort: port,
  };
}

/** A rule of the quintuple form. */
export function readQuintuple(rooms: Rooms, entry: Quintuple, field: string): NetworkAclRule {
  const protocol = entry.Protocol.toUpperCase();
  const sourcePort = (entry.SourcePort ?? "ALL").toUpperCase();
  const destinationPort = (entry.DestinationPort ?? "ALL").toUpperCase();
  refusePort(protocol, sourcePort, `${field}.SourcePort`);
  refusePort(protocol, destinationPort, `${field}.DestinationPort`);
  return {
    ...common(rooms, entry, protocol),
    sourceCidr: entry.SourceCidr ?? entry.SourceIPv6Cidr ?? "",
    sourcePort,
    destinationCidr: entry.DestinationCidr ?? entry.DestinationIPv6Cidr ?? "",
    destinationPort,
  };
}

function common(rooms: Rooms, entry: { Action: string; Description?: string | undefined }, protocol: string) {
  return {
    id: newId("acle", rooms.random),
    protocol,
    action: entry.Action.toUpperCase() === "ACCEPT" ? ("ACCEPT" as const) : ("DROP" as const),
    description: entry.Description ?? "",
    modifiedMs: rooms.clock.nowMs(),
  };
}

function refusePort(protocol: string, port: string, field: string): void {
  if (protocol !== "TCP" && protocol !== "UDP" && port !== "ALL") {
    throw new ApiError("InvalidParameterValue", `${field}: ${JSON.stringify(port)} needs Protocol TCP or UDP`);
  }
}
