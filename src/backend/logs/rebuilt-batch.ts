/** Records as columns again, from the logs that a store gave back of them. */
import { parseAddress } from "../../net/address.ts";
import { Numbered } from "../numbered.ts";
import { ActionCode, DirectionCode, noReason, type RecordBatch, StatusCode } from "../record-batch.ts";
import type { Action, Reason } from "../vpc/reason.ts";
import type { KeptLog } from "./log-store.ts";

/** The batch whose records these logs are; all of one account. */
export function rebuiltBatch(id: string, logs: readonly KeptLog[]): RecordBatch {
  const count = logs.length;
  const [enis, reasons, ipv6] = [new Numbered<RecordBatch["enis"][number]>(), new Numbered<Reason>(), new Numbered<string>()];
  const bytes = () => new Uint8Array(count);
  const words = () => new Uint32Array(count);
  const columns = {
    ...{ eni: words(), family: bytes(), src: words(), dst: words(), srcPort: new Uint16Array(count), dstPort: new Uint16Array(count), protocol: bytes() },
    ...{ packets: new Float64Array(count), bytes: new Float64Array(count), start: words(), end: words(), action: bytes(), status: bytes() },
    ...{ direction: bytes(), reason: words(), skippedPackets: new Float64Array(count), skippedBytes: new Float64Array(count) },
  };
  for (const [row, { values, tags }] of logs.entries()) {
    const [, , eni, src, dst, ...numbers] = values.map(([, value]) => value) as [string, string, string, string, string, ...string[]];
    const tag = new Map(tags);
    columns.eni[row] = numberOf(enis, { id: eni, vpcId: tag.get("vpc-id")!, subnetId: tag.get("subnet-id")! });
    for (const [column, text] of [["src", src], ["dst", dst]] as const) {
      const address = text === "-" ? undefined : parseAddress(text)!;
      columns.family[row] = address?.family ?? 0;
      columns[column][row] = address?.family === 6 ? ipv6.of(address.bits.toString(16).padStart(32, "0")) : Number(address?.bits ?? 0);
    }
    for (const [place, column] of (["srcPort", "dstPort", "protocol", "packets", "bytes", "start", "end"] as const).entries()) {
      columns[column][row] = numbers[place] === "-" ? 0 : Number(numbers[place]);
    }
    const [action, status] = numbers.slice(7) as [string, string];
    columns.action[row] = ActionCode[(action === "-" ? "none" : action) as keyof typeof ActionCode];
    columns.status[row] = StatusCode[status as keyof typeof StatusCode];
    columns.direction[row] = DirectionCode[(tag.get("direction") ?? "none") as keyof typeof DirectionCode];
    columns.reason[row] = tag.has("decided-by") ? numberOf(reasons, reasonOf(tag, action)) : noReason;
    columns.skippedPackets[row] = Number(tag.get("skipped-packets") ?? 0);
    columns.skippedBytes[row] = Number(tag.get("skipped-bytes") ?? 0);
  }
  const addresses = new Uint8Array(Buffer.from(ipv6.items.join(""), "hex"));
  return { id, count, accountId: logs[0]!.values[1]![1], enis: enis.items, reasons: reasons.items, ipv6: addresses, ...columns };
}

/** Things that are made anew for each record are the same by what they say. */
function numberOf<T>(list: Numbered<T>, item: T): number {
  return list.of(item, JSON.stringify(item));
}

function reasonOf(tag: ReadonlyMap<string, string>, action: string): Reason {
  return {
    layer: tag.get("decided-by") as Reason["layer"],
    direction: tag.get("decided-in") as Reason["direction"],
    action: action as Action,
    id: tag.get("decided-id")!,
    ruleIndex: Number(tag.get("decided-rule")),
    because: tag.get("decided-because") as Reason["because"],
  };
}
