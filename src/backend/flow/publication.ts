/** A closed window as records: for each topic the batch of columns that travels there. */
import { parseIpv6 } from "../../net/address.ts";
import { ActionCode, DirectionCode, noReason, type RecordBatch, StatusCode } from "../record-batch.ts";
import type { Reason } from "../vpc/reason.ts";
import type { FlowLog, Placement } from "./flow-log.ts";
import { FlowSum, FlowTable, FlowWord, Trait } from "./flow-table.ts";
import type { Sum, Sums, Window } from "./window.ts";

/** What one flow log has to say of one ENI. */
interface Share {
  readonly flowLog: FlowLog;
  readonly eni: Placement;
  /** The flows, and which of the table's captures are this ENI's. */
  readonly flows: FlowTable;
  readonly entries: readonly number[] | Uint32Array;
  readonly skipped: Sum;
  readonly isSilent: boolean;
}

/** How a publication is named and whose it is. */
export interface PublicationNames {
  readonly id: string;
  readonly accountId: string;
  readonly windowSeconds: number;
}

/** The records of some windows by topic, in the windows' order; `silent` finds the captures of ENIs without traffic. */
export function publication(windows: readonly Window[], names: PublicationNames): Map<string, RecordBatch> {
  const shares = new Map<string, { share: Share; windowStart: number }[]>();
  for (const window of windows) {
    for (const share of sharesOf(window)) {
      const ofTopic = shares.get(share.flowLog.topicId) ?? [];
      shares.set(share.flowLog.topicId, ofTopic);
      ofTopic.push({ share, windowStart: window.start });
    }
  }
  return new Map([...shares].map(([topicId, ofTopic]) => [topicId, batchOf(ofTopic, names)]));
}

/** What each flow log has to say of each ENI, in the order in which they came to be seen. */
function sharesOf(window: Window): Share[] {
  const entriesOf = entriesByCapture(window);
  const pairs = new Map<string, { flowLog: FlowLog; sums: Sums[] }>();
  for (const sums of window.sums) {
    for (const flowLog of sums.capture.flowLogs) {
      const key = `${flowLog.id} ${sums.capture.eni.id}`;
      const pair = pairs.get(key) ?? { flowLog, sums: [] };
      pairs.set(key, pair);
      pair.sums.push(sums);
    }
  }
  return [...pairs.values()].map(({ flowLog, sums }) => shareOf(window, flowLog, sums, entriesOf));
}

function shareOf(window: Window, flowLog: FlowLog, sums: readonly Sums[], entriesOf: readonly Uint32Array[]): Share {
  const { eni } = sums[0]!.capture;
  const skipped = { packets: 0, bytes: 0 };
  for (const { skippedAccepted, skippedRejected } of sums) {
    for (const part of flowLog.trafficType === "ACCEPT" ? [skippedAccepted] : flowLog.trafficType === "REJECT" ? [skippedRejected] : [skippedAccepted, skippedRejected]) {
      skipped.packets += part.packets;
      skipped.bytes += part.bytes;
    }
  }
  const isSilent = !window.busyEnis.has(eni.id);
  const wanted = sums.map(({ place }) => entriesOf[place]!.filter((entry) => asksFor(flowLog, window.flows.word(entry, FlowWord.traits))));
  if (sums.length === 1) return { flowLog, eni, flows: window.flows, entries: wanted[0]!, skipped, isSilent };
  // Flow logs came or went within the window: the same flow stands in several captures, and is one record.
  const flows = new FlowTable();
  for (const entries of wanted) for (const entry of entries) flows.merge(0, window.flows, entry);
  return { flowLog, eni, flows, entries: Array.from({ length: flows.count }, (_, entry) => entry), skipped, isSilent };
}

function asksFor({ trafficType }: FlowLog, traits: number): boolean {
  if (trafficType === "ALL") return true;
  return (trafficType === "REJECT") === ((traits & Trait.rejected) !== 0);
}

/** The entries of each capture, each in the order they came. */
function entriesByCapture({ flows, sums }: Window): Uint32Array[] {
  const lists = sums.map(({ accepted, rejected }) => new Uint32Array(accepted + rejected));
  const filled = new Uint32Array(sums.length);
  for (let entry = 0; entry < flows.count; entry++) {
    const capture = flows.word(entry, FlowWord.capture);
    lists[capture]![filled[capture]!++] = entry;
  }
  return lists;
}

/** Whether anything was skipped, or nothing at all happened: then a record says so. */
function hasStatusRecord({ skipped, isSilent }: Share): boolean {
  return skipped.packets > 0 || isSilent;
}

function batchOf(shares: readonly { share: Share; windowStart: number }[], names: PublicationNames): RecordBatch {
  const count = shares.reduce((sum, { share }) => sum + share.entries.length + (hasStatusRecord(share) ? 1 : 0), 0);
  const writer = new BatchWriter(count, names);
  for (const { share, windowStart } of shares) {
    writer.ofEni(share.eni);
    for (const entry of share.entries) writer.flow(share.flows, entry);
    if (hasStatusRecord(share)) writer.status(share.skipped, windowStart);
  }
  return writer.batch();
}

/** Fills the columns of a batch, record by record. */
class BatchWriter {
  private readonly names: PublicationNames;
  private readonly columns;
  private readonly enis: Placement[] = [];
  private readonly reasons: Reason[] = [];
  private readonly ipv6: string[] = [];
  /** By table: the place here, + 1, of each of its IPv6 addresses that was met. An address of two tables stands twice. */
  private readonly ipv6Places = new Map<FlowTable, Uint32Array>();
  private readonly places = new Map<string, number>();
  /** Places in `reasons` by the reason itself, which a table gives to all its flows. */
  private readonly reasonPlaces = new Map<Reason, number>();
  private row = 0;
  private eniPlace = 0;

  constructor(count: number, names: PublicationNames) {
    this.names = names;
    // Memory that threads share: a batch goes from one to another, and may have to go again, without a copy.
    const bytes = () => new Uint8Array(new SharedArrayBuffer(count));
    const shorts = () => new Uint16Array(new SharedArrayBuffer(count * 2));
    const words = () => new Uint32Array(new SharedArrayBuffer(count * 4));
    const sums = () => new Float64Array(new SharedArrayBuffer(count * 8));
    this.columns = {
      ...{ eni: words(), family: bytes(), src: words(), dst: words(), srcPort: shorts(), dstPort: shorts(), protocol: bytes() },
      ...{ packets: sums(), bytes: sums(), start: words(), end: words(), action: bytes(), status: bytes(), direction: bytes() },
      ...{ reason: words(), skippedPackets: sums(), skippedBytes: sums() },
    };
  }

  /** The records that follow are this ENI's. */
  ofEni(eni: Placement): void {
    this.eniPlace = this.place(`eni ${eni.id}`, eni, this.enis);
  }

  flow(flows: FlowTable, entry: number): void {
    const { columns } = this;
    const row = this.row++;
    const traits = flows.word(entry, FlowWord.traits);
    const isIpv6 = (traits & Trait.ipv6) !== 0;
    const word = (own: number) => (isIpv6 ? this.ipv6Place(flows, own) : own);
    columns.eni[row] = this.eniPlace;
    columns.family[row] = isIpv6 ? 6 : 4;
    columns.src[row] = word(flows.word(entry, FlowWord.src));
    columns.dst[row] = word(flows.word(entry, FlowWord.dst));
    columns.srcPort[row] = flows.word(entry, FlowWord.ports) >>> 16;
    columns.dstPort[row] = flows.word(entry, FlowWord.ports) & 0xffff;
    columns.protocol[row] = traits & 0xff;
    columns.packets[row] = flows.sum(entry, FlowSum.packets);
    columns.bytes[row] = flows.sum(entry, FlowSum.bytes);
    // Assumed: the field table says the window's times, the printed ping records the flow's own; the records win.
    columns.start[row] = flows.word(entry, FlowWord.start);
    columns.end[row] = flows.word(entry, FlowWord.end);
    columns.action[row] = (traits & Trait.rejected) === 0 ? ActionCode.ACCEPT : ActionCode.REJECT;
    columns.status[row] = StatusCode.OK;
    columns.direction[row] = (traits & Trait.egress) === 0 ? DirectionCode.ingress : DirectionCode.egress;
    columns.reason[row] = this.reasonPlace(flows.reasons[flows.word(entry, FlowWord.reason)]!);
  }

  /** SKIPDATA where something was skipped, else NODATA. */
  status(skipped: Sum, windowStart: number): void {
    const { columns } = this;
    const row = this.row++;
    columns.eni[row] = this.eniPlace;
    columns.start[row] = windowStart;
    columns.end[row] = windowStart + this.names.windowSeconds;
    columns.status[row] = skipped.packets > 0 ? StatusCode.SKIPDATA : StatusCode.NODATA;
    columns.reason[row] = noReason;
    columns.skippedPackets[row] = skipped.packets;
    columns.skippedBytes[row] = skipped.bytes;
  }

  private ipv6Place(flows: FlowTable, own: number): number {
    let places = this.ipv6Places.get(flows);
    if (places === undefined) {
      places = new Uint32Array(flows.ipv6.length);
      this.ipv6Places.set(flows, places);
    }
    places[own] ||= this.ipv6.push(flows.ipv6[own]!);
    return places[own] - 1;
  }

  private place<T>(key: string, item: T, items: T[]): number {
    let place = this.places.get(key);
    if (place === undefined) {
      place = items.push(item) - 1;
      this.places.set(key, place);
    }
    return place;
  }

  private reasonPlace(reason: Reason): number {
    let place = this.reasonPlaces.get(reason);
    if (place === undefined) {
      place = this.place(JSON.stringify(reason), reason, this.reasons);
      this.reasonPlaces.set(reason, place);
    }
    return place;
  }

  batch(): RecordBatch {
    const ipv6 = new Uint8Array(new SharedArrayBuffer(this.ipv6.length * 16));
    for (const [place, address] of this.ipv6.entries()) {
      ipv6.set(Buffer.from(parseIpv6(address)!.toString(16).padStart(32, "0"), "hex"), place * 16);
    }
    const { id, accountId } = this.names;
    return { id, count: this.row, accountId, enis: this.enis, reasons: this.reasons, ipv6, ...this.columns };
  }
}
