/**
 * The network as packets meet it: ENIs by address, and rules ready to be matched.
 *
 * Made afresh from the network's values whenever they change; nothing in it ever changes afterwards.
 */
import { type Address, type Cidr, cidrHolds, parseAddress, parseCidr } from "../../../src/net/address.ts";
import { type PortRange, parsePorts, portsHold } from "../../../src/net/ports.ts";
import { hasPorts, icmp, icmpv6, protocolNumber } from "../../../src/net/protocols.ts";
import type { Eni, Network, NetworkAclRule, SecurityGroupRule, Subnet } from "../../../src/backend/vpc/network.ts";
import type { Action, Direction, Reason } from "../../../src/backend/vpc/reason.ts";

/** What a rule looks at: a packet as one ENI sees it, addresses as numbers. */
export interface Viewed {
  readonly src: Address;
  readonly dst: Address;
  readonly srcText: string;
  readonly dstText: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
}

/** A rule ready to be matched, and what a verdict says when it does: the same object for all packets. */
export interface Rule {
  readonly reason: Reason;
  readonly matches: (packet: Viewed) => boolean;
}

/** The rules of one group or ACL, in both directions. */
export interface RuleList {
  readonly id: string;
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

/** The reasons of a layer that no rule gives, by direction. */
export type OtherReasons = Readonly<Record<Direction, Readonly<Record<Exclude<Reason["because"], "rule">, Reason>>>>;

/** An ENI where packets meet it: its groups and its subnet's ACL at hand. */
export interface Seat {
  readonly eni: Eni;
  readonly subnet: Subnet;
  readonly securityGroups: readonly RuleList[];
  readonly networkAcl: RuleList | undefined;
  readonly groupReasons: OtherReasons;
  readonly aclReasons: OtherReasons;
  /** The subnet's IPv4 and IPv6 blocks, as far as it has them. */
  readonly subnetBlocks: readonly Cidr[];
  /** Private addresses (canonical) that are this ENI's. */
  readonly ownAddresses: ReadonlySet<string>;
  /** Public addresses, each with the private one it is mapped to. */
  readonly privateOf: ReadonlyMap<string, string>;
}

/** Every seat of the network, by each address that leads to it. */
export class Topology {
  private readonly seatsByAddress = new Map<string, Seat[]>();

  constructor(network: Network) {
    const groups = compileGroups(network);
    const acls = new Map(
      [...network.networkAcls.values()].map((acl) => [
        acl.id,
        ruleList("network-acl", acl, aclMatcher),
      ]),
    );
    for (const eni of network.enis.values()) {
      const subnet = network.subnets.get(eni.subnetId)!;
      const securityGroups = eni.securityGroupIds.map((id) => groups.get(id)!);
      const seat: Seat = {
        eni,
        subnet,
        securityGroups,
        networkAcl: acls.get(subnet.networkAclId),
        groupReasons: otherReasons("security-group", securityGroups.length === 1 ? securityGroups[0]!.id : ""),
        aclReasons: otherReasons("network-acl", subnet.networkAclId),
        subnetBlocks: [subnet.cidr, subnet.ipv6Cidr].filter((text) => text !== "").map((text) => parseCidr(text)!),
        ...addressesOf(eni),
      };
      for (const address of [...seat.ownAddresses, ...seat.privateOf.keys()]) {
        const seats = this.seatsByAddress.get(address) ?? [];
        this.seatsByAddress.set(address, [...seats, seat]);
      }
    }
  }

  /** The seats that an address leads to: more than one where VPCs use the same addresses. */
  seatsAt(address: string): readonly Seat[] {
    return this.seatsByAddress.get(address) ?? [];
  }
}

function addressesOf(eni: Eni): Pick<Seat, "ownAddresses" | "privateOf"> {
  const publicPairs = eni.privateAddresses.filter(({ publicAddress }) => publicAddress !== "");
  return {
    ownAddresses: new Set([...eni.privateAddresses.map(({ address }) => address), ...eni.ipv6Addresses]),
    privateOf: new Map(publicPairs.map(({ publicAddress, address }) => [publicAddress, address])),
  };
}

/** The rules of a group or ACL, each with the reason it gives. */
function ruleList<R extends { readonly action: "ACCEPT" | "DROP" }>(
  layer: Reason["layer"],
  list: { readonly id: string; readonly ingress: readonly R[]; readonly egress: readonly R[] },
  matcher: (rule: R, direction: Direction) => Matcher,
): RuleList {
  const { id } = list;
  const compiled = (direction: Direction) =>
    list[direction].map((rule, ruleIndex): Rule => {
      const action: Action = rule.action === "ACCEPT" ? "ACCEPT" : "REJECT";
      return { reason: { layer, direction, action, id, ruleIndex, because: "rule" }, matches: matcher(rule, direction) };
    });
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

function compileGroups(network: Network): Map<string, RuleList> {
  const members = membersOf(network);
  const matcher = (rule: SecurityGroupRule, direction: Direction) =>
    both(protocolMatcher(rule.protocol, rule.port), remoteMatcher(rule, direction === "ingress" ? "src" : "dst", members));
  return new Map([...network.securityGroups.values()].map((group) => [group.id, ruleList("security-group", group, matcher)]));
}

/** The addresses of the ENIs that are in a group: what a rule means that names the group as its remote end. */
function membersOf(network: Network): (groupId: string) => ReadonlySet<string> {
  return (groupId) => {
    const members = [...network.enis.values()].filter(({ securityGroupIds }) => securityGroupIds.includes(groupId));
    return new Set(members.flatMap((eni) => [...addressesOf(eni).ownAddresses]));
  };
}

type Matcher = (packet: Viewed) => boolean;

function both(first: Matcher, second: Matcher): Matcher {
  return (packet) => first(packet) && second(packet);
}

function remoteMatcher(
  rule: SecurityGroupRule,
  end: "src" | "dst",
  membersOfGroup: (groupId: string) => ReadonlySet<string>,
): Matcher {
  if (rule.remoteGroupId !== "") {
    const members = membersOfGroup(rule.remoteGroupId);
    return (packet) => members.has(end === "src" ? packet.srcText : packet.dstText);
  }
  return cidrMatcher(rule.cidr === "" ? rule.ipv6Cidr : rule.cidr, end);
}

function cidrMatcher(text: string, end: "src" | "dst"): Matcher {
  if (text === "") return () => true;
  const cidr: Cidr = parseCidr(text)!;
  return (packet) => cidrHolds(cidr, packet[end]);
}

function protocolMatcher(name: string, portText: string): Matcher {
  if (name === "ALL") return () => true;
  const protocol = protocolNumber(name)!;
  const ports = parsePorts(portText) ?? [];
  return (packet) =>
    packet.protocol === protocol && (!hasPorts(protocol) || portsHold(ports, packet.dstPort));
}

function aclMatcher(rule: NetworkAclRule): Matcher {
  const ports = { src: parsePorts(rule.sourcePort) ?? [], dst: parsePorts(rule.destinationPort) ?? [] };
  const source = cidrMatcher(rule.sourceCidr, "src");
  const destination = cidrMatcher(rule.destinationCidr, "dst");
  return (packet) =>
    aclProtocolMatches(rule.protocol, packet.protocol) &&
    holdsPort(ports.src, packet.srcPort, packet.protocol) &&
    holdsPort(ports.dst, packet.dstPort, packet.protocol) &&
    source(packet) &&
    destination(packet);
}

function aclProtocolMatches(name: string, protocol: number): boolean {
  if (name === "ALL") return true;
  // Assumed: the API has no ICMPv6 for network ACLs, so ICMP stands for both.
  if (name === "ICMP") return protocol === icmp || protocol === icmpv6;
  return protocolNumber(name) === protocol;
}

function holdsPort(ranges: readonly PortRange[], port: number, protocol: number): boolean {
  return !hasPorts(protocol) || portsHold(ranges, port);
}

/** The packet as rules look at it. */
export function viewed(packet: Omit<Viewed, "src" | "dst">): Viewed {
  return { ...packet, src: parseAddress(packet.srcText)!, dst: parseAddress(packet.dstText)! };
}
