/** Why a verdict came out as it did: which layer, which group or ACL, which rule. */

/** Which way a packet crosses an ENI: into the instance, or out of it. */
export type Direction = "ingress" | "egress";

/** ACCEPT or REJECT: the action of a verdict and of a record. */
export type Action = "ACCEPT" | "REJECT";

/** What decided about a packet at one layer. */
export interface Reason {
  readonly layer: "security-group" | "network-acl";
  readonly direction: Direction;
  readonly action: Action;
  /** The group or ACL that decided; empty where none is bound, or where none of several matched. */
  readonly id: string;
  /** The rule's place in its list, from 0; -1 where no rule decided. */
  readonly ruleIndex: number;
  /** How the layer came to its decision. */
  readonly because: "rule" | "no-rule-matched" | "tracked" | "related" | "nothing-bound" | "same-subnet";
}

/** A layer's name as a person says it. */
export const layerNames = { "security-group": "security group", "network-acl": "network ACL" } as const;

/** The reason as a sentence, for a person. */
export function reasonWords(reason: Reason): string {
  const layer = layerNames[reason.layer];
  const verb = reason.action === "ACCEPT" ? "allowed" : "rejected";
  switch (reason.because) {
    case "rule":
      return `${verb} by ${layer} ${reason.id}, ${reason.direction} rule ${reason.ruleIndex}`;
    case "no-rule-matched":
      return `rejected by ${layer} ${reason.id}: no ${reason.direction} rule matches`.replace("  ", " ");
    case "tracked":
      return `allowed by the ${layer}: it belongs to a connection already allowed (stateful)`;
    case "related":
      return `allowed by the ${layer}: it reports on a connection already allowed (stateful)`;
    case "nothing-bound":
      return `allowed: no ${layer} is bound`;
    case "same-subnet":
      return "not judged by a network ACL: it stays inside the subnet";
  }
}
