// Written by scripts/generate.ts from src/model; change the table there.
import type * as pulumi from "@pulumi/pulumi";
import { FlowLogsResource } from "./dynamic-resource.ts";

/** The arguments of a {@link FlowLog}. */
export interface FlowLogArgs {
  /** What the flow log is called. A change replaces. */
  flowLogName?: pulumi.Input<string> | undefined;
  /**
   * What is watched: a VPC or SUBNET (every ENI in it, also those made later), or one NETWORKINTERFACE. A change
   * replaces.
   */
  resourceType: pulumi.Input<"VPC" | "SUBNET" | "NETWORKINTERFACE">;
  /** The id of what is watched. A resource has at most one flow log. A change replaces. */
  resourceId: pulumi.Input<string>;
  /** The VPC in which the watched resource is. A change replaces. */
  vpcId: pulumi.Input<string>;
  /** Which traffic is captured: what the rules ACCEPT, what they REJECT, or ALL. A change replaces. */
  trafficType: pulumi.Input<"ACCEPT" | "REJECT" | "ALL">;
  /** The id of the topic that records are published to. A change replaces. */
  cloudLogId: pulumi.Input<string>;
  /** The topic's region; the flow log's own, if left out. A change replaces. */
  cloudLogRegion?: pulumi.Input<string> | undefined;
  /** What the flow log is for. A change replaces. */
  flowLogDescription?: pulumi.Input<string> | undefined;
  /** Whether it captures; a switch, not configuration. Default: true. */
  enable?: pulumi.Input<boolean> | undefined;
  /** Tags by key. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
}

/** Which traffic of which VPC, subnet or ENI is captured, and the topic it is published to. */
export class FlowLog extends FlowLogsResource {
  /** What the flow log is called. */
  declare readonly flowLogName: pulumi.Output<string>;
  /** What is watched: a VPC or SUBNET (every ENI in it, also those made later), or one NETWORKINTERFACE. */
  declare readonly resourceType: pulumi.Output<"VPC" | "SUBNET" | "NETWORKINTERFACE">;
  /** The id of what is watched. A resource has at most one flow log. */
  declare readonly resourceId: pulumi.Output<string>;
  /** The VPC in which the watched resource is. */
  declare readonly vpcId: pulumi.Output<string>;
  /** Which traffic is captured: what the rules ACCEPT, what they REJECT, or ALL. */
  declare readonly trafficType: pulumi.Output<"ACCEPT" | "REJECT" | "ALL">;
  /** The id of the topic that records are published to. */
  declare readonly cloudLogId: pulumi.Output<string>;
  /** The topic's region; the flow log's own, if left out. */
  declare readonly cloudLogRegion: pulumi.Output<string>;
  /** What the flow log is for. */
  declare readonly flowLogDescription: pulumi.Output<string | undefined>;
  /** Whether it captures; a switch, not configuration. */
  declare readonly enable: pulumi.Output<boolean | undefined>;
  /** Tags by key. */
  declare readonly tags: pulumi.Output<Record<string, string> | undefined>;
  /** The flow log's id, such as fl-1a2b3c4d. */
  declare readonly flowLogId: pulumi.Output<string>;
  /** When it was made, as the API spells it: capture begins then. */
  declare readonly createdTime: pulumi.Output<string>;

  constructor(name: string, args: FlowLogArgs, opts?: pulumi.CustomResourceOptions) {
    super("FlowLog", name, args, opts);
  }

  /** Looks up one that exists, by its id; the stack then reads it but does not own it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): FlowLog {
    return new FlowLog(name, {} as FlowLogArgs, { ...opts, id });
  }
}
