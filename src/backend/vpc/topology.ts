/**
 * The network as packets meet it: ENIs by address, and rules ready to be matched.
 *
 * Made afresh from the network's values whenever they change; nothing in it ever changes afterwards.
 */
import { parsePorts } from "../../net/ports.ts";
import { protocolNumber } from "../../net/protocols.ts";
import { type Addresses, type EniNumbers, type Family, familyOf, ipv4 } from "./addresses.ts";
import type { Eni, Network, NetworkAclRule, SecurityGroupRule } from "./network.ts";
import type { Action, Direction, Reason } from "./reason.ts";
import { type AddressSet, anyProtocol, Blocks, bothIcmp, RuleRows, type Wanted } from "./rule-rows.ts";

/** The rules of one group or ACL, in both directions. */
export interface RuleList {
  readonly id: string;
  readonly ingress: RuleRows;
  readonly egress: RuleRows;
}

/** The reasons of a layer that no rule gives, by direction. */
export type OtherReasons = Readonly<Record<Direction, Readonly<Record<Exclude<Reason["because"], "rule">, Reason>>>>;

/** An ENI where packets meet it: its groups and its subnet's ACL at hand. */
export interface Seat {
  readonly eni: Eni;
  /** The ENI's number in what is remembered of packets. */
  readonly number: number;
  readonly securityGroups: readonly RuleList[];
  readonly networkAcl: RuleList | undefined;
  readonly groupReasons: OtherReasons;
  readonly aclReasons: OtherReasons;
  /** The subnet's IPv4 and IPv6 blocks, as far as it has them. */
  readonly subnetBlocks: Blocks;
  /** Public IPv4 addresses, each with the private one it is mapped to. */
  readonly privateOf: ReadonlyMap<number, number>;
}

/** Every seat of the network, by each address that leads to it. */
export class Topology {
  private readonly seats: readonly [v4: Map<number, Seat[]>, v6: Map<number, Seat[]>] = [new Map(), new Map()];

  constructor(network: Network, addresses: Addresses, enis: EniNumbers) {
    enis.keep((id) => network.enis.get(id) !== undefined, [...network.enis.values()].length);
    const groups = compileGroups(network, addresses);
    const acls = new Map(
      [...network.networkAcls.values()].map((acl) => [acl.id, ruleList("network-acl", acl, aclWanted, addresses)]),
    );
    for (const eni of network.enis.values()) {
      const subnet = network.subnets.get(eni.subnetId)!;
      const securityGroups = eni.securityGroupIds.map((id) => groups.get(id)!);
      const publicPairs = eni.privateAddresses.filter(({ publicAddress }) => publicAddress !== "");
      const seat: Seat = {
        eni,
        number: enis.of(eni.id),
        securityGroups,
        networkAcl: acls.get(subnet.networkAclId),
        groupReasons: otherReasons("security-group", securityGroups.length === 1 ? securityGroups[0]!.id : ""),
        aclReasons: otherReasons("network-acl", subnet.networkAclId),
        subnetBlocks: new Blocks([subnet.cidr, subnet.ipv6Cidr], addresses),
        privateOf: new Map(publicPairs.map(({ publicAddress, address }) => [addresses.ofText(publicAddress), addresses.ofText(address)])),
      };
      const leading = [...ownAddresses(eni), ...publicPairs.map(({ publicAddress }) => publicAddress)];
      for (const text of new Set(leading)) this.seatAt(text, seat, addresses);
    }
  }

  private seatAt(text: string, seat: Seat, addresses: Addresses): void {
    const seats = this.seats[familyOf(text)];
    const number = addresses.ofText(text);
    const there = seats.get(number);
    if (there === undefined) seats.set(number, [seat]);
    else there.push(seat);
  }

  /** The seats that an address leads to: more than one where VPCs use the same addresses. */
  seatsAt(address: number, family: Family): readonly Seat[] | undefined {
    return this.seats[family].get(address);
  }

  /** Marks the IPv6 addresses of ENIs. */
  mark(needed: Uint8Array): void {
    for (const address of this.seats[1].keys()) needed[address] = 1;
  }
}

/** An address of a seat by its private address, also where the capture shows the public one. */
export function privateAt({ privateOf }: Seat, address: number, family: Family): number {
  if (family !== ipv4 || privateOf.size === 0) return address;
  return privateOf.get(address) ?? address;
}

function ownAddresses({ privateAddresses, ipv6Addresses }: Eni): string[] {
  return [...privateAddresses.map(({ address }) => address), ...ipv6Addresses];
}

type Conditions = Omit<Wanted, "reason">;

/** The rules of a group or ACL, each with the reason it gives. */
function ruleList<R extends { readonly action: "ACCEPT" | "DROP" }>(
  layer: Reason["layer"],
  list: { readonly id: string; readonly ingress: readonly R[]; readonly egress: readonly R[] },
  wanted: (rule: R, direction: Direction) => Conditions,
  addresses: Addresses,
): RuleList {
  const { id } = list;
  const compiled = (direction: Direction) => {
    const rules = list[direction].map((rule, ruleIndex): Wanted => {
      const action: Action = rule.action === "ACCEPT" ? "ACCEPT" : "REJECT";
      return { ...wanted(rule, direction), reason: { layer, direction, action, id, ruleIndex, because: "rule" } };
    });
    return new RuleRows(rules, addresses);
  };
  return { id, ingress: compiled("ingress"), egress: compiled("egress") };
}

function otherReasons(layer: Reason["layer"], id: string): OtherReasons {
  const of = (direction: Direction) => {
    const accepted = { layer, direction, action: "ACCEPT", id: "", ruleIndex: -1 } as const;
    return {
      tracked: { ...accepted, because: "tracked" },
      related: { ...accepted, because: "related" },
      "nothing-bound": { ...accepted, because: "nothing-bound" },
      "same-subnet": { ...accepted, because: "same-subnet" },
      "no-rule-matched": { layer, direction, action: "REJECT", id, ruleIndex: -1, because: "no-rule-matched" },
    } as const;
  };
  return { ingress: of("ingress"), egress: of("egress") };
}

function compileGroups(network: Network, addresses: Addresses): Map<string, RuleList> {
  const membersOf = memberSets(network, addresses);
  const wanted = (rule: SecurityGroupRule, direction: Direction): Conditions => {
    const remote = rule.remoteGroupId !== "" ? membersOf(rule.remoteGroupId) : rule.cidr === "" ? rule.ipv6Cidr : rule.cidr;
    const ends = direction === "ingress" ? { src: remote, dst: "" } : { src: "", dst: remote };
    if (rule.protocol === "ALL") return { ...ends, protocol: anyProtocol, srcPorts: [], dstPorts: [] };
    return { ...ends, protocol: protocolNumber(rule.protocol)!, srcPorts: [], dstPorts: parsePorts(rule.port) ?? [] };
  };
  return new Map([...network.securityGroups.values()].map((group) => [group.id, ruleList("security-group", group, wanted, addresses)]));
}

/** The addresses of the ENIs that are in a group: what a rule means that names the group as its remote end. */
function memberSets(network: Network, addresses: Addresses): (groupId: string) => AddressSet {
  const sets = new Map<string, AddressSet>();
  return (groupId) => {
    const known = sets.get(groupId);
    if (known !== undefined) return known;
    const members = [...network.enis.values()].filter(({ securityGroupIds }) => securityGroupIds.includes(groupId));
    const texts = members.flatMap(ownAddresses);
    const of = (family: Family) => new Set(texts.filter((text) => familyOf(text) === family).map((text) => addresses.ofText(text)));
    const set = { v4: of(0), v6: of(1) };
    sets.set(groupId, set);
    return set;
  };
}

function aclWanted(rule: NetworkAclRule): Conditions {
  return {
    // Assumed: the API has no ICMPv6 for network ACLs, so ICMP stands for both.
    protocol: rule.protocol === "ALL" ? anyProtocol : rule.protocol === "ICMP" ? bothIcmp : protocolNumber(rule.protocol)!,
    src: rule.sourceCidr,
    dst: rule.destinationCidr,
    srcPorts: parsePorts(rule.sourcePort) ?? [],
    dstPorts: parsePorts(rule.destinationPort) ?? [],
  };
}
