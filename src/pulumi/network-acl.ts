// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

export interface NetworkAclRuleArgs {
  protocol: pulumi.Input<"TCP" | "UDP" | "ICMP" | "ALL">;
  port?: pulumi.Input<string>;
  cidrBlock?: pulumi.Input<string>;
  ipv6CidrBlock?: pulumi.Input<string>;
  action: pulumi.Input<"ACCEPT" | "DROP">;
  description?: pulumi.Input<string>;
}

export interface NetworkAclRule {
  protocol: "TCP" | "UDP" | "ICMP" | "ALL";
  port?: string;
  cidrBlock?: string;
  ipv6CidrBlock?: string;
  action: "ACCEPT" | "DROP";
  description?: string;
}

/** The arguments of a {@link NetworkAcl}. */
export interface NetworkAclArgs {
  /** The VPC whose subnets it stands at. A change replaces. */
  vpcId: pulumi.Input<string>;
  /** What the ACL is called. */
  networkAclName?: pulumi.Input<string> | undefined;
  /**
   * The rules for packets that enter the subnet, in their order: protocol, port, cidrBlock (or ipv6CidrBlock),
   * action.
   */
  ingress?: pulumi.Input<pulumi.Input<NetworkAclRuleArgs>[]> | undefined;
  /** The rules for packets that leave the subnet, in their order. */
  egress?: pulumi.Input<pulumi.Input<NetworkAclRuleArgs>[]> | undefined;
  /** The subnets it stands at. A subnet has at most one ACL. */
  subnetIds?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Tags by key. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** A stateless list of rules per direction, at the edge of subnets. Answers need rules of their own. */
export class NetworkAcl extends FlowLogsResource {
  /** The VPC whose subnets it stands at. */
  declare readonly vpcId: pulumi.Output<string>;
  /** What the ACL is called. */
  declare readonly networkAclName: pulumi.Output<string>;
  /**
   * The rules for packets that enter the subnet, in their order: protocol, port, cidrBlock (or ipv6CidrBlock),
   * action.
   */
  declare readonly ingress: pulumi.Output<NetworkAclRule[] | undefined>;
  /** The rules for packets that leave the subnet, in their order. */
  declare readonly egress: pulumi.Output<NetworkAclRule[] | undefined>;
  /** The subnets it stands at. A subnet has at most one ACL. */
  declare readonly subnetIds: pulumi.Output<string[] | undefined>;
  /** Tags by key. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** The ACL's id, such as acl-1a2b3c4d. */
  declare readonly networkAclId: pulumi.Output<string>;
  /** When it was made, as the API spells it. */
  declare readonly createdTime: pulumi.Output<string>;

  constructor(name: string, args: NetworkAclArgs, opts?: pulumi.CustomResourceOptions) {
    super("NetworkAcl", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): NetworkAcl {
    return new NetworkAcl(name, {} as NetworkAclArgs, { ...opts, id });
  }
}
