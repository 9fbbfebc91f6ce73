/**
 * An ENI's security groups and its subnet's network ACL as an nftables ruleset, written from the rules as the cloud
 * keeps them and from nothing that the judge makes of them.
 *
 * `in0` is the instance's side, `out0` the subnet's. What comes from outside meets the ACL before connection tracking,
 * what leaves meets it last. Every rule counts under a comment that names it.
 */
import type { Eni, Network, NetworkAclRule, SecurityGroupRule, Subnet } from "../../src/backend/vpc/network.ts";

/** The comment under which a decision is counted. */
export function decisionName(layer: string, direction: string, id: string, decision: string | number): string {
  return `${layer} ${direction} ${id} ${decision}`;
}

const marker = "udp dport 65535 udp sport 65535";

/** The ruleset of an ENI's namespace. */
export function rulesetOf(network: Network, eni: Eni): string {
  const subnet = network.subnets.get(eni.subnetId)!;
  return `table inet t {
  chain acl_in {\n${aclChain(network, subnet, "ingress")}
  }
  chain acl_out {\n${aclChain(network, subnet, "egress")}
  }
  chain sg_in {\n${groupsChain(network, eni, "ingress")}
  }
  chain sg_out {\n${groupsChain(network, eni, "egress")}
  }
  chain before {
    type filter hook prerouting priority -300; policy accept;
    ${marker} notrack accept
    iifname "out0" jump acl_in
  }
  chain through {
    type filter hook forward priority 0; policy drop;
    ${marker} accept
    iifname "in0" jump sg_out
    iifname "in0" jump acl_out
    iifname "in0" accept
    iifname "out0" jump sg_in
    iifname "out0" accept
  }
}
`;
}

/** Alternatives of one rule, and what they do. */
function lines(matches: readonly string[], verdict: "return" | "drop", comment: string): string[] {
  return matches.map((match) => `    ${match} counter ${verdict} comment "${comment}"`);
}

function verdictOf(rule: { readonly action: "ACCEPT" | "DROP" }): "return" | "drop" {
  return rule.action === "ACCEPT" ? "return" : "drop";
}

function groupsChain(network: Network, eni: Eni, direction: "ingress" | "egress"): string {
  if (eni.securityGroupIds.length === 0) return "    return";
  const layer = "security-group";
  const all = lines(["ct state established,related"], "return", decisionName(layer, direction, "", "tracked"));
  for (const id of eni.securityGroupIds) {
    for (const [index, rule] of network.securityGroups.get(id)![direction].entries()) {
      all.push(...lines(groupMatches(network, rule, direction), verdictOf(rule), decisionName(layer, direction, id, index)));
    }
  }
  const lone = eni.securityGroupIds.length === 1 ? eni.securityGroupIds[0]! : "";
  all.push(...lines([""], "drop", decisionName(layer, direction, lone, "no-rule-matched")));
  return all.join("\n");
}

const protocolNumbers: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, ICMP: 1, ICMPv6: 58, GRE: 47 };

function groupMatches(network: Network, rule: SecurityGroupRule, direction: "ingress" | "egress"): string[] {
  const protocol = rule.protocol === "ALL" ? "" : `meta l4proto ${protocolNumbers[rule.protocol]!}`;
  const ports = portMatch("dport", rule.protocol, rule.port);
  const end = direction === "ingress" ? "saddr" : "daddr";
  return remotes(network, rule).map((remote) => `${addressMatch(end, remote)} ${protocol} ${ports}`);
}

function remotes(network: Network, rule: SecurityGroupRule): string[] {
  if (rule.remoteGroupId === "") return [rule.cidr === "" ? rule.ipv6Cidr : rule.cidr];
  const members = [...network.enis.values()].filter(({ securityGroupIds }) => securityGroupIds.includes(rule.remoteGroupId));
  return members.flatMap((eni) => [...eni.privateAddresses.map(({ address }) => address), ...eni.ipv6Addresses]);
}

function portMatch(end: "sport" | "dport", protocol: string, port: string): string {
  return port === "ALL" ? "" : `${protocol.toLowerCase()} ${end} { ${port} }`;
}

function addressMatch(end: "saddr" | "daddr", cidr: string): string {
  if (cidr === "") return "";
  // A block of everything still is of one family.
  if (cidr === "0.0.0.0/0") return "meta nfproto ipv4";
  if (cidr === "::/0") return "meta nfproto ipv6";
  return `${cidr.includes(":") ? "ip6" : "ip"} ${end} ${cidr}`;
}

function aclChain(network: Network, subnet: Subnet, direction: "ingress" | "egress"): string {
  const acl = network.networkAcls.get(subnet.networkAclId);
  if (acl === undefined) return "    return";
  const layer = "network-acl";
  const end = direction === "ingress" ? "saddr" : "daddr";
  const blocks = [subnet.cidr, subnet.ipv6Cidr].filter((block) => block !== "");
  const all = lines(blocks.map((block) => addressMatch(end, block)), "return", decisionName(layer, direction, "", "same-subnet"));
  for (const [index, rule] of acl[direction].entries()) {
    all.push(...lines([aclMatch(rule)], verdictOf(rule), decisionName(layer, direction, acl.id, index)));
  }
  all.push(...lines([""], "drop", decisionName(layer, direction, acl.id, "no-rule-matched")));
  return all.join("\n");
}

function aclMatch(rule: NetworkAclRule): string {
  const protocol = rule.protocol === "ALL" ? "" : rule.protocol === "ICMP" ? "meta l4proto { 1, 58 }" : `meta l4proto ${protocolNumbers[rule.protocol]!}`;
  return [
    addressMatch("saddr", rule.sourceCidr),
    addressMatch("daddr", rule.destinationCidr),
    protocol,
    portMatch("sport", rule.protocol, rule.sourcePort),
    portMatch("dport", rule.protocol, rule.destinationPort),
  ].join(" ");
}
