/** Remembers the ports of first fragments, so that the later ones of the same packet follow them. */
import type { PacketBatch } from "./packet-batch.ts";

/** Most packets whose fragments are followed at one time; the oldest is forgotten first. */
const maxFollowed = 65_536;

/** The ports of first fragments by (source, destination, protocol, IP id), as far as they were seen before. */
export class FragmentMemory {
  private readonly portsOf = new Map<string, Uint8Array>();

  /** Notes a first fragment's ports, or gives a later fragment those of its first. */
  follow(batch: PacketBatch, entry: number, ipId: number, isLaterFragment: boolean): void {
    const { bytes } = batch;
    // Addresses and protocol, as they stand in the batch: IPv6 places are only good within it, so the text is used.
    const { srcAddr, dstAddr, protocol } = batch.packet(entry / 32);
    const key = `${srcAddr} ${dstAddr} ${protocol} ${ipId}`;
    if (isLaterFragment) {
      const ports = this.portsOf.get(key);
      if (ports !== undefined) bytes.set(ports, entry + 8);
      return;
    }
    this.portsOf.delete(key);
    this.portsOf.set(key, bytes.slice(entry + 8, entry + 12));
    if (this.portsOf.size > maxFollowed) this.portsOf.delete(this.portsOf.keys().next().value!);
  }
}
