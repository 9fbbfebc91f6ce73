/**
 * What stands in the cloud's network: VPCs, subnets, ENIs, security groups and network ACLs, as plain values.
 *
 * This room keeps them and answers questions about how they lie to each other. Whether a request may change them is
 * decided by the actions; what they do to a packet, by `verdict.ts`.
 */
import { cidrHolds, parseAddress, parseCidr } from "../../net/address.ts";
import type { Collection, Ledger } from "../ledger.ts";

/** Tags by key. */
export type Tags = Readonly<Record<string, string>>;

/** A private network: a block of addresses that its subnets divide. */
export interface Vpc {
  readonly id: string;
  readonly name: string;
  readonly cidr: string;
  readonly ipv6Cidr: string;
  readonly dnsServers: readonly string[];
  readonly domainName: string;
  readonly multicast: boolean;
  readonly routePublish: boolean;
  readonly ipv6RoutePublish: boolean;
  readonly routeTableId: string;
  readonly routeTableTags?: Tags | undefined;
  readonly tags: Tags;
  readonly createdMs: number;
}

/** A part of a VPC's addresses in one zone; a network ACL may stand at its edge. */
export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly name: string;
  readonly zone: string;
  readonly cidr: string;
  readonly ipv6Cidr: string;
  readonly networkAclId: string;
  readonly broadcast: boolean;
  readonly tags: Tags;
  readonly createdMs: number;
}

/** One IPv4 address of an ENI, and the public address mapped to it, if any. */
export interface PrivateAddress {
  readonly address: string;
  readonly primary: boolean;
  readonly description: string;
  readonly publicAddress: string;
}

/** The instance that an ENI is bound to. */
export interface Attachment {
  readonly instanceId: string;
  /** 0 for the instance's first ENI, and so on. */
  readonly deviceIndex: number;
  readonly attachType: number;
  readonly attachedMs: number;
}

/** An elastic network interface: where packets enter and leave an instance, and what flow logs watch. */
export interface Eni {
  readonly id: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly name: string;
  readonly description: string;
  readonly securityGroupIds: readonly string[];
  readonly privateAddresses: readonly PrivateAddress[];
  readonly ipv6Addresses: readonly string[];
  readonly mac: string;
  readonly qosLevel: string;
  readonly attachment?: Attachment | undefined;
  readonly tags: Tags;
  readonly createdMs: number;
}

/** An elastic IP address (EIP): a public address, and the private one it is mapped to, if any. */
export interface Eip {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** Empty where the EIP is mapped to nothing. */
  readonly eniId: string;
  readonly privateAddress: string;
  readonly chargeType: string;
  readonly bandwidthMbps: number;
  readonly tags: Tags;
  readonly createdMs: number;
}

/** One rule of a security group; the first that matches decides. Exactly one of the remote ends is not empty. */
export interface SecurityGroupRule {
  /** TCP, UDP, ICMP, ICMPv6, GRE or ALL. */
  readonly protocol: string;
  /** `80`, `8000-8010`, `80,443` or `ALL`. */
  readonly port: string;
  readonly cidr: string;
  readonly ipv6Cidr: string;
  readonly remoteGroupId: string;
  readonly action: "ACCEPT" | "DROP";
  readonly description: string;
  readonly modifiedMs: number;
}

/** A stateful list of rules per direction, bound to ENIs. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly ingress: readonly SecurityGroupRule[];
  readonly egress: readonly SecurityGroupRule[];
  /** Grows by one with every change of the rules. */
  readonly version: number;
  readonly tags: Tags;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** One rule of a network ACL. In the triple form one end and the destination port are named, the other end is open. */
export interface NetworkAclRule {
  readonly id: string;
  /** TCP, UDP, ICMP or ALL. */
  readonly protocol: string;
  readonly sourceCidr: string;
  readonly sourcePort: string;
  readonly destinationCidr: string;
  readonly destinationPort: string;
  readonly action: "ACCEPT" | "DROP";
  readonly description: string;
  readonly modifiedMs: number;
}

/** A stateless list of rules per direction, at the edge of subnets. */
export interface NetworkAcl {
  readonly id: string;
  readonly vpcId: string;
  readonly name: string;
  readonly form: "TRIPLE" | "QUINTUPLE";
  readonly ingress: readonly NetworkAclRule[];
  readonly egress: readonly NetworkAclRule[];
  readonly tags: Tags;
  readonly createdMs: number;
}

/** The collections of the network and the questions asked about several of them at once. */
export class Network {
  readonly vpcs: Collection<Vpc>;
  readonly subnets: Collection<Subnet>;
  readonly enis: Collection<Eni>;
  readonly securityGroups: Collection<SecurityGroup>;
  readonly networkAcls: Collection<NetworkAcl>;
  readonly eips: Collection<Eip>;

  constructor(ledger: Pick<Ledger, "collection">) {
    this.vpcs = ledger.collection("vpc");
    this.subnets = ledger.collection("subnet");
    this.enis = ledger.collection("eni");
    this.securityGroups = ledger.collection("security-group");
    this.networkAcls = ledger.collection("network-acl");
    this.eips = ledger.collection("eip");
  }

  /** Grows with every change of anything in the network: what was derived from an older one is stale. */
  get revision(): number {
    const { vpcs, subnets, enis, securityGroups, networkAcls } = this;
    return vpcs.revision + subnets.revision + enis.revision + securityGroups.revision + networkAcls.revision;
  }

  subnetsOf(vpcId: string): Subnet[] {
    return [...this.subnets.values()].filter((subnet) => subnet.vpcId === vpcId);
  }

  enisIn(subnetId: string): Eni[] {
    return [...this.enis.values()].filter((eni) => eni.subnetId === subnetId);
  }

  /** The ENIs bound to an instance, the first one first. */
  enisOf(instanceId: string): Eni[] {
    const bound = [...this.enis.values()].filter(({ attachment }) => attachment?.instanceId === instanceId);
    return bound.toSorted((a, b) => a.attachment!.deviceIndex - b.attachment!.deviceIndex);
  }

  /** Whether an address, in canonical spelling, lies in a subnet's IPv4 or IPv6 block. */
  subnetHolds(subnet: Subnet, addressText: string): boolean {
    const address = parseAddress(addressText);
    return [subnet.cidr, subnet.ipv6Cidr].some((text) => {
      const cidr = text === "" ? undefined : parseCidr(text);
      return address !== undefined && cidr !== undefined && cidrHolds(cidr, address);
    });
  }

  /** The groups whose rules name this group as the remote end. */
  groupsNaming(groupId: string): SecurityGroup[] {
    return [...this.securityGroups.values()].filter(
      ({ id, ingress, egress }) => id !== groupId && [...ingress, ...egress].some((rule) => rule.remoteGroupId === groupId),
    );
  }
}
