/** ICMP queries: questions and their answers, which are one connection. */
import { icmp, icmpv6 } from "../../net/protocols.ts";

/** ICMP questions by the type of their answers. */
const questions: ReadonlyMap<number, number> = new Map([
  [0, 8],
  [14, 13],
  [16, 15],
  [18, 17],
]);
const [echoRequestV6, echoReplyV6] = [128, 129];

const neither = 255;

/** By type: the type of the question that it asks or answers, or {@link neither}. */
const questionsV4 = new Uint8Array(256).fill(neither);
for (const [answer, question] of questions) questionsV4[answer] = questionsV4[question] = question;
const questionsV6 = new Uint8Array(256).fill(neither);
questionsV6[echoRequestV6] = questionsV6[echoReplyV6] = echoRequestV6;

interface Typed {
  readonly protocol: number;
  readonly icmpType: number;
}

/** The type of the ICMP question that a packet asks or answers. */
export function questionType({ protocol, icmpType }: Typed): number {
  return (protocol === icmpv6 ? questionsV6 : questionsV4)[icmpType]!;
}

/** Whether a packet can be of a connection: ICMP that neither asks nor answers is not. */
export function isQuery(packet: Typed): boolean {
  return (packet.protocol !== icmp && packet.protocol !== icmpv6) || questionType(packet) !== neither;
}
