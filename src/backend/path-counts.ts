/** The counts of the packet path, which must add up. */

/** What became of packets. `read` = matched + unmatched + undecodable; offered = accepted + rejected + withheld + leftOut. */
export interface PathCounts {
  read: number;
  matched: number;
  unmatched: number;
  undecodable: number;
  /** Packets as ENIs met them, counted once for each ENI. */
  offered: number;
  accepted: number;
  rejected: number;
  withheld: number;
  leftOut: number;
  /** Of the accepted and rejected: seen by no enabled flow log at the packet's time. */
  unwatched: number;
  /** Of the accepted and rejected: too late, or beyond what memory may hold. */
  skipped: number;
}

/** All counts at zero. */
export function noCounts(): PathCounts {
  return {
    read: 0,
    matched: 0,
    unmatched: 0,
    undecodable: 0,
    offered: 0,
    accepted: 0,
    rejected: 0,
    withheld: 0,
    leftOut: 0,
    unwatched: 0,
    skipped: 0,
  };
}
