/**
 * What became of the packets of each conversation: whether they reached the other end.
 *
 * An answer to a packet that never arrived is never sent. A capture recorded without these rules holds answers that the
 * rules make impossible, and they are withheld (the product document: one REJECT record, because the traffic did not
 * reach the instance).
 */
import { icmp, icmpv6, tcp } from "../../../src/net/protocols.ts";
import { BoundedMap } from "./bounded-map.ts";
import { latenessMs } from "../../../src/backend/vpc/tracking-settings.ts";
import type { Offered } from "../../../src/backend/vpc/packet-numbers.ts";

/** One conversation between two ends: direction 0 is that of the first packet seen. */
export interface Conversation {
  lastMs: number;
  readonly firstSrc: string;
  readonly firstSrcPort: number;
  /** Whether the latest packet of each direction reached the other end; undefined before there was one. */
  readonly arrived: [boolean | undefined, boolean | undefined];
  isClosed: boolean;
}

/** A conversation as it is kept while the backend is stopped. */
export type SavedConversation = readonly [key: string, conversation: Conversation];

/** A packet's place in its conversation. */
export interface Turn {
  readonly conversation: Conversation;
  readonly direction: 0 | 1;
}

// Assumed, as in connection tracking: how long an open TCP connection, and anything else, is remembered when silent.
const openTcpMs = 432_000_000;
const otherMs = 180_000;

const tcpFin = 1;
const tcpSyn = 2;
const tcpRst = 4;
const tcpAck = 16;

/** The conversations between all ends. */
export class Arrivals {
  private readonly conversations: BoundedMap<Conversation>;

  constructor(limit: number) {
    this.conversations = new BoundedMap(limit, 16);
  }

  /** The packet's turn in its conversation, which begins with it where it is the first. */
  turn(packet: Offered): Turn {
    const key = conversationKey(packet);
    const known = this.conversations.get(key);
    if (known !== undefined && !hasExpired(known, packet)) {
      known.lastMs = Math.max(known.lastMs, packet.timeMs);
      return { conversation: known, direction: directionIn(known, packet) };
    }
    const begun: Conversation = {
      firstSrc: packet.srcAddr,
      firstSrcPort: packet.srcPort,
      arrived: [undefined, undefined],
      isClosed: false,
      lastMs: packet.timeMs,
    };
    const { timeMs } = packet;
    // What has been silent for long tells little; what never arrived is what matters here.
    this.conversations.set(key, begun, (other) => {
      const { lastMs, isClosed, arrived } = other;
      return timeMs - lastMs > (isClosed ? otherMs : openTcpMs) + latenessMs ? "gone" : arrived.includes(false) ? "dear" : "spare";
    });
    return { conversation: begun, direction: 0 };
  }

  /** Whether the packet answers one that never arrived. */
  isAnswerToNothing(packet: Offered, { conversation, direction }: Turn): boolean {
    if (packet.quoted !== undefined) {
      const about = this.conversations.get(conversationKey(packet.quoted));
      return about !== undefined && about.arrived[directionIn(about, packet.quoted)] === false;
    }
    if (conversation.arrived[direction === 0 ? 1 : 0] !== false) return false;
    if (packet.protocol === tcp) return packet.isLaterFragment || (packet.tcpFlags & (tcpAck | tcpRst)) !== 0;
    if (packet.protocol === icmp) return packet.icmpType !== 8;
    if (packet.protocol === icmpv6) return packet.icmpType !== 128;
    return direction === 1;
  }

  /** Notes whether the packet reached the other end. */
  note(packet: Offered, { conversation, direction }: Turn, hasArrived: boolean): void {
    const closes = packet.protocol === tcp && (packet.tcpFlags & (tcpFin | tcpRst)) !== 0;
    conversation.arrived[direction] = hasArrived;
    if (closes) conversation.isClosed = true;
  }

  /** Everything remembered, as plain values. */
  save(): SavedConversation[] {
    return [...this.conversations.entries()];
  }

  /** Takes up what {@link save} gave; what JSON has no word for (not yet arrived nor rejected) came back as null. */
  restore(saved: Iterable<SavedConversation>): void {
    for (const [key, { arrived, ...rest }] of saved) {
      const conversation: Conversation = { ...rest, arrived: [arrived[0] ?? undefined, arrived[1] ?? undefined] };
      this.conversations.set(key, conversation, () => "dear");
    }
  }
}

/** One key for both directions: the two ends in a fixed order. ICMP queries are told apart by their identifier. */
function conversationKey(packet: Offered): string {
  const from = `${packet.srcAddr} ${packet.srcPort}`;
  const to = `${packet.dstAddr} ${packet.dstPort}`;
  const ends = from < to ? `${from} ${to}` : `${to} ${from}`;
  return `${packet.protocol} ${packet.icmpId} ${ends}`;
}

function directionIn(conversation: Conversation, packet: Offered): 0 | 1 {
  return conversation.firstSrc === packet.srcAddr && conversation.firstSrcPort === packet.srcPort ? 0 : 1;
}

function hasExpired(conversation: Conversation, packet: Offered): boolean {
  const isOpening = packet.protocol === tcp && (packet.tcpFlags & (tcpSyn | tcpAck)) === tcpSyn;
  if (conversation.isClosed && isOpening) return true;
  const timeoutMs = packet.protocol === tcp && !conversation.isClosed ? openTcpMs : otherMs;
  return packet.timeMs - conversation.lastMs > timeoutMs;
}
