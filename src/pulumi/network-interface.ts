// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

export interface PrivateIpAddressArgs {
  privateIpAddress?: pulumi.Input<string>;
  primary?: pulumi.Input<boolean>;
  description?: pulumi.Input<string>;
}

export interface Ipv6AddressArgs {
  address: pulumi.Input<string>;
}

export interface PrivateIpAddress {
  privateIpAddress?: string;
  primary?: boolean;
  description?: string;
}

export interface Ipv6Address {
  address: string;
}

/** The arguments of a {@link NetworkInterface}. */
export interface NetworkInterfaceArgs {
  /** The VPC it stands in. A change replaces. */
  vpcId: pulumi.Input<string>;
  /** The subnet it stands in. A change replaces. */
  subnetId: pulumi.Input<string>;
  /** What the ENI is called. */
  networkInterfaceName?: pulumi.Input<string> | undefined;
  /** What the ENI is for. */
  networkInterfaceDescription?: pulumi.Input<string> | undefined;
  /** Its security groups, the first one's rules first. Without any, all traffic is allowed. */
  securityGroupIds?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Its IPv4 addresses; one chosen by the cloud, if left out. A change replaces. */
  privateIpAddresses?: pulumi.Input<pulumi.Input<PrivateIpAddressArgs>[]> | undefined;
  /** Its IPv6 addresses. A change replaces. */
  ipv6Addresses?: pulumi.Input<pulumi.Input<Ipv6AddressArgs>[]> | undefined;
  /** Tags by key. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** An elastic network interface (ENI): where packets enter and leave an instance, and what flow logs watch. */
export class NetworkInterface extends FlowLogsResource {
  /** The VPC it stands in. */
  declare readonly vpcId: pulumi.Output<string>;
  /** The subnet it stands in. */
  declare readonly subnetId: pulumi.Output<string>;
  /** What the ENI is called. */
  declare readonly networkInterfaceName: pulumi.Output<string>;
  /** What the ENI is for. */
  declare readonly networkInterfaceDescription: pulumi.Output<string | undefined>;
  /** Its security groups, the first one's rules first. Without any, all traffic is allowed. */
  declare readonly securityGroupIds: pulumi.Output<string[] | undefined>;
  /** Its IPv4 addresses; one chosen by the cloud, if left out. */
  declare readonly privateIpAddresses: pulumi.Output<PrivateIpAddress[]>;
  /** Its IPv6 addresses. */
  declare readonly ipv6Addresses: pulumi.Output<Ipv6Address[]>;
  /** Tags by key. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** The ENI's id, such as eni-lq6mkcis. */
  declare readonly networkInterfaceId: pulumi.Output<string>;
  /** Its hardware address. */
  declare readonly macAddress: pulumi.Output<string>;
  /** When it was made, as the API spells it. */
  declare readonly createdTime: pulumi.Output<string>;

  constructor(name: string, args: NetworkInterfaceArgs, opts?: pulumi.CustomResourceOptions) {
    super("NetworkInterface", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): NetworkInterface {
    return new NetworkInterface(name, {} as NetworkInterfaceArgs, { ...opts, id });
  }
}
