/**
 * A TCP connection as connection tracking sees it: its state, and what each packet of either end makes of it.
 *
 * The states and the steps between them are those of Linux's connection tracking, which `npm run oracle -- nftables`
 * compares packet by packet. Sequence numbers and windows are not looked at (Linux: `nf_conntrack_tcp_be_liberal`):
 * a packet's header as it is kept has none.
 */

/** Where a connection stands. `simultaneous` is the state after both ends sent a SYN. */
export const TcpState = {
  none: 0,
  synSent: 1,
  synReceived: 2,
  established: 3,
  finWait: 4,
  closeWait: 5,
  lastAck: 6,
  timeWait: 7,
  closed: 8,
  simultaneous: 9,
} as const;

/** Bits of the TCP flags byte that matter here; PSH, ECE and CWR never do. */
const fin = 1;
const syn = 2;
const rst = 4;
const ack = 16;
const urg = 32;

/** The kinds of packets that steps are told apart by. */
const Kind = { syn: 0, synAck: 1, fin: 2, ack: 3, rst: 4 } as const;
type PacketKind = (typeof Kind)[keyof typeof Kind];

/** Flags that no TCP sets together: such packets belong to nothing. */
const possibleFlags: ReadonlySet<number> = new Set([
  syn,
  syn | urg,
  syn | ack,
  rst,
  rst | ack,
  fin | ack,
  fin | ack | urg,
  ack,
  ack | urg,
]);

function kindOf(flags: number): PacketKind | undefined {
  if (!possibleFlags.has(flags & (fin | syn | rst | ack | urg))) return undefined;
  if ((flags & rst) !== 0) return Kind.rst;
  if ((flags & syn) !== 0) return (flags & ack) !== 0 ? Kind.synAck : Kind.syn;
  return (flags & fin) !== 0 ? Kind.fin : Kind.ack;
}

/** The packet belongs to no connection in this state. */
const invalid = -1;
/** The packet passes as the connection's and changes nothing. */
const ignored = -2;

const [SS, SR, ES, FW, CW, LA, TW, CL, S2] = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const [iv, ig] = [invalid, ignored] as const;

/** The next state by direction (0: of the end that opened), kind of packet, and state (none, synSent, ...). */
const steps: readonly (readonly (readonly number[])[])[] = [
  [
    [SS, SS, ig, ig, ig, ig, ig, SS, SS, S2],
    [iv, iv, SR, iv, iv, iv, iv, iv, iv, SR],
    [iv, iv, FW, FW, LA, LA, LA, TW, CL, iv],
    [ES, iv, ES, ES, CW, CW, TW, TW, CL, iv],
    [iv, CL, CL, CL, CL, CL, CL, CL, CL, CL],
  ],
  [
    [iv, S2, iv, iv, iv, iv, iv, SS, iv, S2],
    [iv, SR, ig, ig, ig, ig, ig, ig, ig, SR],
    [iv, iv, FW, FW, LA, LA, LA, TW, CL, iv],
    [iv, ig, SR, ES, CW, CW, TW, TW, CL, ig],
    [iv, CL, CL, CL, CL, CL, CL, CL, CL, CL],
  ],
];

/** How long a connection is remembered after its last packet, in milliseconds, by state. */
export interface TcpTimeouts {
  readonly synSent: number;
  readonly synReceived: number;
  readonly established: number;
  readonly finWait: number;
  readonly closeWait: number;
  readonly lastAck: number;
  readonly timeWait: number;
  readonly closed: number;
  readonly simultaneous: number;
  /** At most this for a connection picked up in its middle whose other end has not been heard. */
  readonly unanswered: number;
}

/** What a connection remembers of its packets. */
export interface TcpMemory {
  state: number;
  /** A FIN was seen while it was open. */
  isClosing: boolean;
  /** Both ends sent a SYN. */
  isSimultaneous: boolean;
  /** After a stray SYN during closing, the next ACK may be an answer to that SYN, not to the FIN. */
  expectsChallenge: boolean;
  lastKind: number;
  lastDirection: number;
}

/** What a packet means for a connection. */
export type TcpStep = "taken" | "passed" | "invalid" | "reopens" | "forgotten";

/** The memory of a connection that its first packet begins; undefined when that packet can begin none. */
export function beginTcp(flags: number, picksUp: boolean): TcpMemory | undefined {
  const kind = kindOf(flags);
  if (kind === undefined) return undefined;
  const state = steps[0]![kind]![TcpState.none]!;
  if (state === invalid || (state !== TcpState.synSent && !picksUp)) return undefined;
  return { state, isClosing: false, isSimultaneous: false, expectsChallenge: false, lastKind: kind, lastDirection: 0 };
}

/**
 * Lets a packet take the connection a step further. `taken`: the timeout of {@link tcpTimeout} counts anew. `passed`:
 * it is the connection's, and nothing changes. `invalid`: it is not the connection's. `reopens`: the connection is over
 * and this packet begins a new one. `forgotten`: it is the connection's last, and there is no connection any more.
 */
export function stepTcp(memory: TcpMemory, direction: 0 | 1, flags: number, isReplied: boolean): TcpStep {
  const kind = kindOf(flags);
  if (kind === undefined) return "invalid";
  const before = memory.state;
  let next = steps[direction]![kind]![before]!;
  if (next === invalid) return "invalid";
  if (next === TcpState.synSent && before >= TcpState.timeWait) {
    const wasReset = memory.lastDirection === direction && memory.lastKind === Kind.rst;
    if (memory.isClosing || wasReset) return "reopens";
    next = ignored;
  }
  if (next === ignored) {
    const answersStraySyn = kind === Kind.synAck && memory.lastKind === Kind.syn && memory.lastDirection !== direction;
    if (!answersStraySyn) return ignore(memory, direction, kind);
    // The ends have begun anew while the tracker held on to what was before: it follows them.
    next = TcpState.synReceived;
    memory.isClosing = false;
  }
  if (isChallenge(memory, direction, kind, next)) {
    memory.expectsChallenge = false;
    return "passed";
  }
  if (next === TcpState.simultaneous) memory.isSimultaneous = true;
  if (next === TcpState.synReceived && direction === 1 && kind === Kind.ack && memory.isSimultaneous) next = TcpState.established;
  memory.lastKind = kind;
  memory.lastDirection = direction;
  memory.state = next;
  if (before !== next && next === TcpState.finWait) memory.isClosing = true;
  if (isReplied) return "taken";
  // A reset is the only answer: there is no connection to remember.
  if (kind === Kind.rst) return "forgotten";
  // An opening sent again does not keep the connection any longer.
  return kind === Kind.syn && before === TcpState.synSent ? "passed" : "taken";
}

function ignore(memory: TcpMemory, direction: 0 | 1, kind: PacketKind): TcpStep {
  memory.lastKind = kind;
  memory.lastDirection = direction;
  if (kind === Kind.syn && direction === 0) {
    memory.isSimultaneous = false;
    memory.expectsChallenge = memory.state === TcpState.lastAck;
  }
  return "passed";
}

/** Whether an ACK answers a stray SYN (RFC 5961) and so does not end the closing. */
function isChallenge(memory: TcpMemory, direction: 0 | 1, kind: PacketKind, next: number): boolean {
  const followsStraySyn = memory.lastDirection !== direction && memory.lastKind === Kind.syn;
  const endsClosing = memory.state === TcpState.lastAck && next === TcpState.timeWait;
  return endsClosing && kind === Kind.ack && followsStraySyn && memory.expectsChallenge;
}

/** Whether an ACK, and nothing else, came on an open connection after another one. */
export function isPlainAck({ state, lastKind }: TcpMemory, flags: number): boolean {
  return state === TcpState.established && lastKind === Kind.ack && kindOf(flags) === Kind.ack;
}

/** How long the connection is remembered after the packet that {@link stepTcp} took. */
export function tcpTimeout(memory: TcpMemory, isReplied: boolean, timeouts: TcpTimeouts): number {
  if (memory.lastKind === Kind.rst) return timeouts.closed;
  switch (memory.state) {
    case TcpState.synSent:
      return timeouts.synSent;
    case TcpState.synReceived:
      return timeouts.synReceived;
    case TcpState.established:
      return isReplied ? timeouts.established : Math.min(timeouts.established, timeouts.unanswered);
    case TcpState.finWait:
      return timeouts.finWait;
    case TcpState.closeWait:
      return timeouts.closeWait;
    case TcpState.lastAck:
      return timeouts.lastAck;
    case TcpState.timeWait:
      return timeouts.timeWait;
    case TcpState.simultaneous:
      return timeouts.simultaneous;
    default:
      return timeouts.closed;
  }
}

/** Bits of {@link packTcp}, and the one of them that tells the direction of the last packet. */
export const tcpBits = 11;
export const directionBit = 128;

/** The memory as one number of {@link tcpBits} bits. */
export function packTcp({ state, lastKind, lastDirection, isClosing, isSimultaneous, expectsChallenge }: TcpMemory): number {
  return state | (lastKind << 4) | (lastDirection << 7) | (isClosing ? 256 : 0) | (isSimultaneous ? 512 : 0) | (expectsChallenge ? 1024 : 0);
}

/** Fills a memory from the number that {@link packTcp} gave. */
export function unpackTcp(bits: number, memory: TcpMemory): void {
  memory.state = bits & 15;
  memory.lastKind = (bits >> 4) & 7;
  memory.lastDirection = (bits >> 7) & 1;
  memory.isClosing = (bits & 256) !== 0;
  memory.isSimultaneous = (bits & 512) !== 0;
  memory.expectsChallenge = (bits & 1024) !== 0;
}
