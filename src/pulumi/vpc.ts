// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

/** The arguments of a {@link Vpc}. */
export interface VpcArgs {
  /** What the VPC is called. */
  vpcName?: pulumi.Input<string> | undefined;
  /** The VPC's IPv4 block, in 10.0.0.0/12, 172.16.0.0/12 or 192.168.0.0/16. A change replaces. */
  cidrBlock?: pulumi.Input<string> | undefined;
  /** The VPC's IPv6 block, if it has one. A change replaces. */
  ipv6CidrBlock?: pulumi.Input<string> | undefined;
  /** Whether multicast is carried. Default: false. */
  enableMulticast?: pulumi.Input<boolean> | undefined;
  /** Addresses of up to four DNS servers; the cloud's own, if left out. */
  dnsServers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** The domain that instances get by DHCP. */
  domainName?: pulumi.Input<string> | undefined;
  /** Tags by key. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** A private network: a block of addresses that its subnets divide. */
export class Vpc extends FlowLogsResource {
  /** What the VPC is called. */
  declare readonly vpcName: pulumi.Output<string>;
  /** The VPC's IPv4 block, in 10.0.0.0/12, 172.16.0.0/12 or 192.168.0.0/16. */
  declare readonly cidrBlock: pulumi.Output<string | undefined>;
  /** The VPC's IPv6 block, if it has one. */
  declare readonly ipv6CidrBlock: pulumi.Output<string | undefined>;
  /** Whether multicast is carried. */
  declare readonly enableMulticast: pulumi.Output<boolean | undefined>;
  /** Addresses of up to four DNS servers; the cloud's own, if left out. */
  declare readonly dnsServers: pulumi.Output<string[]>;
  /** The domain that instances get by DHCP. */
  declare readonly domainName: pulumi.Output<string | undefined>;
  /** Tags by key. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** The VPC's id, such as vpc-1a2b3c4d. */
  declare readonly vpcId: pulumi.Output<string>;
  /** When it was made, as the API spells it. */
  declare readonly createdTime: pulumi.Output<string>;

  constructor(name: string, args: VpcArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super("Vpc", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Vpc {
    return new Vpc(name, {}, { ...opts, id });
  }
}
