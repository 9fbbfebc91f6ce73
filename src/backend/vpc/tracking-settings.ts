/** How connections are tracked: for how long they are remembered, and how many of them. */
import type { TcpTimeouts } from "./tcp-connection.ts";

/** How long connections are remembered (milliseconds after their last packet), and how many of them. */
export interface TrackingSettings {
  readonly tcp: TcpTimeouts;
  readonly udp: number;
  /** UDP with answers that has gone on for {@link streamAfterMs}. */
  readonly udpStream: number;
  readonly icmp: number;
  readonly gre: number;
  readonly greStream: number;
  /** Every other protocol. */
  readonly other: number;
  /** Whether a TCP connection that is already going is taken up at its first ACK. */
  readonly picksUpTcp: boolean;
  /** Of all ENIs together; beyond it the oldest is forgotten, those without answers first. Conversations as many. */
  readonly maxConnections: number;
}

/** Assumed: the cloud does not publish its timeouts; these are the defaults of Linux's connection tracking. */
export const defaultTracking: TrackingSettings = {
  tcp: {
    synSent: 120_000,
    synReceived: 60_000,
    established: 432_000_000,
    finWait: 120_000,
    closeWait: 60_000,
    lastAck: 30_000,
    timeWait: 120_000,
    closed: 10_000,
    simultaneous: 120_000,
    unanswered: 300_000,
  },
  udp: 30_000,
  udpStream: 120_000,
  icmp: 30_000,
  gre: 30_000,
  greStream: 180_000,
  other: 600_000,
  picksUpTcp: true,
  maxConnections: 262_144,
};

/** UDP that still has answers this long after its first packet is a stream. */
export const streamAfterMs = 2000;

/** Packets come out of order: what a packet as late as this could still belong to is not thrown away before. */
export const latenessMs = 3_600_000;
