// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

/** The arguments of a {@link Subnet}. */
export interface SubnetArgs {
  /** The VPC it is a part of. A change replaces. */
  vpcId: pulumi.Input<string>;
  /** What the subnet is called. */
  subnetName?: pulumi.Input<string> | undefined;
  /** The zone it is in, such as ap-guangzhou-3. A change replaces. */
  zone: pulumi.Input<string>;
  /** Its IPv4 block: inside the VPC's, apart from other subnets', with a mask of 16 to 28 bits. A change replaces. */
  cidrBlock?: pulumi.Input<string> | undefined;
  /** Its IPv6 block, if it has one. A change replaces. */
  ipv6CidrBlock?: pulumi.Input<string> | undefined;
  /** Tags by key. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** A part of a VPC's addresses in one zone. */
export class Subnet extends FlowLogsResource {
  /** The VPC it is a part of. */
  declare readonly vpcId: pulumi.Output<string>;
  /** What the subnet is called. */
  declare readonly subnetName: pulumi.Output<string>;
  /** The zone it is in, such as ap-guangzhou-3. */
  declare readonly zone: pulumi.Output<string>;
  /** Its IPv4 block: inside the VPC's, apart from other subnets', with a mask of 16 to 28 bits. */
  declare readonly cidrBlock: pulumi.Output<string | undefined>;
  /** Its IPv6 block, if it has one. */
  declare readonly ipv6CidrBlock: pulumi.Output<string | undefined>;
  /** Tags by key. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** The subnet's id, such as subnet-1a2b3c4d. */
  declare readonly subnetId: pulumi.Output<string>;
  /** When it was made, as the API spells it. */
  declare readonly createdTime: pulumi.Output<string>;

  constructor(name: string, args: SubnetArgs, opts?: pulumi.CustomResourceOptions) {
    super("Subnet", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Subnet {
    return new Subnet(name, {} as SubnetArgs, { ...opts, id });
  }
}
