/** What rows of records share, as their dictionaries keep it. */

/** An ENI in its place, and the account that owns it. */
export interface Placement {
  readonly account: string;
  readonly eni: string;
  readonly vpc: string;
  readonly subnet: string;
}

/** What decided about a record's packets: the reason without its action, which is the record's own. */
export interface RuleOfReason {
  readonly layer: string;
  readonly direction: string;
  /** The security group or network ACL; empty where none is bound. */
  readonly decider: string;
  /** The rule's place in its list, -1 where none decided. */
  readonly place: number;
  readonly because: string;
}
