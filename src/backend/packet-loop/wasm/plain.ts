/** Packets for verdicts that need no second look: most of them. */
import { formIpv6, formQuotes, formLaterFragment, formFirstFragment, formUntimed, slotBytes, slotCount, slotForm } from "../layout";

const special: u32 = formIpv6 | formLaterFragment | formUntimed | formQuotes | formFirstFragment;

/**
 * Makes the slots of plain packets (IPv4, whole, with a time, quoting none) from `at` on into a batch's, up to the first
 * packet that is not plain; gives its place, or the end.
 */
export function plainRun(at: usize, end: usize): usize {
  for (; at < end; at += slotBytes) {
    if (((<u32>load<u8>(at, slotForm)) & special) != 0) break;
    // In a batch every packet has one place, and the byte is zero.
    store<u8>(at, 0, slotCount);
  }
  return at;
}
