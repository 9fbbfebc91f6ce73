import { canonicalAddress } from "../../../net/address.ts";
import { icmp, icmpv6, protocolNumber, tcp } from "../../../net/protocols.ts";
import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Rooms } from "../../rooms.ts";
import type { Verdict } from "../../vpc/verdict.ts";
import { reasonWords } from "../../vpc/reason.ts";
import type { Handler } from "../action.ts";
import { shownReason } from "./shown-reason.ts";

const tcpSyn = 2;

/** What would become of a packet that opened a new connection now. */
export const explainVerdict: Handler<"ExplainVerdict"> = (rooms, request) => {
  const verdicts = rooms.packets.whatIf(openingPacket(rooms, request));
  return {
    Verdicts: verdicts.map(({ seat, direction, action, reasons }) => ({
      NetworkInterfaceId: seat.eni.id,
      Direction: direction,
      Action: action,
      Reasons: reasons.map(shownReason),
    })),
    Words: verdictWords(request, verdicts),
  };
};

function openingPacket(rooms: Rooms, request: ActionRequest<"ExplainVerdict">) {
  const protocol = protocolNumber(request.Protocol);
  if (protocol === undefined) {
    const words = `Protocol: ${JSON.stringify(request.Protocol)} must be a name such as tcp, or an IANA number`;
    throw new ApiError("InvalidParameterValue", words);
  }
  return {
    srcAddr: readAddress("SrcAddr", request.SrcAddr),
    dstAddr: readAddress("DstAddr", request.DstAddr),
    srcPort: request.SrcPort ?? 0,
    dstPort: request.DstPort ?? 0,
    protocol,
    tcpFlags: protocol === tcp ? tcpSyn : 0,
    icmpType: protocol === icmp ? 8 : protocol === icmpv6 ? 128 : 0,
    icmpCode: 0,
    icmpId: 0,
    isLaterFragment: false,
    timeMs: rooms.clock.nowMs(),
    quoted: undefined,
  };
}

function readAddress(field: string, text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined) throw new ApiError("InvalidParameterValue", `${field}: ${JSON.stringify(text)} must be an IP address`);
  return address;
}

function verdictWords(request: ActionRequest<"ExplainVerdict">, verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return `Neither ${request.SrcAddr} nor ${request.DstAddr} is an address of a network interface.`;
  const steps = verdicts.map(({ seat, direction, action, reasons }) => {
    const layers = reasons.map(reasonWords).join("; ");
    return `${action} at ${seat.eni.id} (${seat.eni.name}), ${direction}: ${layers}.`;
  });
  return steps.join("\n");
}
