/** Plain packets: those whose slot is what a batch holds of them, but for the count of slots. */
import { slotBytes, slotForm } from "../layout";

/**
 * The end of the run of plain packets from a slot on (whole IPv4 packets with a time, nothing quoted). Their counts of
 * slots become 0, as batches have it.
 */
export function plainRun(at: usize, end: usize): usize {
  // The form, and one slot.
  for (; at < end && load<u16>(at, slotForm) == 0x100; at += slotBytes) store<u16>(at, 0, slotForm);
  return at;
}
