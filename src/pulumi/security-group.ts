// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

export interface SecurityGroupRuleArgs {
  protocol?: pulumi.Input<"TCP" | "UDP" | "ICMP" | "ICMPv6" | "GRE" | "ALL">;
  port?: pulumi.Input<string>;
  cidrBlock?: pulumi.Input<string>;
  ipv6CidrBlock?: pulumi.Input<string>;
  securityGroupId?: pulumi.Input<string>;
  action: pulumi.Input<"ACCEPT" | "DROP">;
  policyDescription?: pulumi.Input<string>;
}

export interface SecurityGroupRule {
  protocol?: "TCP" | "UDP" | "ICMP" | "ICMPv6" | "GRE" | "ALL";
  port?: string;
  cidrBlock?: string;
  ipv6CidrBlock?: string;
  securityGroupId?: string;
  action: "ACCEPT" | "DROP";
  policyDescription?: string;
}

/** The arguments of a {@link SecurityGroup}. */
export interface SecurityGroupArgs {
  /** What the group is called. */
  groupName?: pulumi.Input<string> | undefined;
  /** What the group is for. Default: "". */
  groupDescription?: pulumi.Input<string> | undefined;
  /** The project it belongs to. A change replaces. Default: "0". */
  projectId?: pulumi.Input<string> | undefined;
  /**
   * The rules for packets that enter, in their order: protocol, port, cidrBlock (or ipv6CidrBlock, or
   * securityGroupId), action.
   */
  ingress?: pulumi.Input<pulumi.Input<SecurityGroupRuleArgs>[]> | undefined;
  /** The rules for packets that leave, in their order. */
  egress?: pulumi.Input<pulumi.Input<SecurityGroupRuleArgs>[]> | undefined;
  /** Tags by key. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/**
 * A stateful list of rules per direction, bound to ENIs. The first rule that matches decides; none matching
 * rejects.
 */
export class SecurityGroup extends FlowLogsResource {
  /** What the group is called. */
  declare readonly groupName: pulumi.Output<string>;
  /** What the group is for. */
  declare readonly groupDescription: pulumi.Output<string | undefined>;
  /** The project it belongs to. */
  declare readonly projectId: pulumi.Output<string | undefined>;
  /**
   * The rules for packets that enter, in their order: protocol, port, cidrBlock (or ipv6CidrBlock, or
   * securityGroupId), action.
   */
  declare readonly ingress: pulumi.Output<SecurityGroupRule[] | undefined>;
  /** The rules for packets that leave, in their order. */
  declare readonly egress: pulumi.Output<SecurityGroupRule[] | undefined>;
  /** Tags by key. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** The group's id, such as sg-1a2b3c4d. */
  declare readonly securityGroupId: pulumi.Output<string>;
  /** When it was made, as the API spells it. */
  declare readonly createdTime: pulumi.Output<string>;

  constructor(name: string, args: SecurityGroupArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super("SecurityGroup", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): SecurityGroup {
    return new SecurityGroup(name, {}, { ...opts, id });
  }
}
