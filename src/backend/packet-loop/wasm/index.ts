/** What the packet loop offers to its host. */
export { setSeed } from "./bytes";
export { allocate, release, setHeap } from "./memory";
export { sortFlows, releaseList } from "./order";
export {
  farSeconds,
  frames,
  notIp,
  otherLink,
  out,
  packets,
  setFarTable,
  setOutput,
  setSumsOnly,
  undecodable,
} from "./output";
export { plainRun } from "./plain";
export { parsePcap, parsePcapng, setInterfaceCount, setPcap, setSection, stop } from "./records";
export { addSums, settlePorts, sum, sumsStop } from "./sums";
export { literalAt, prepareText, useText, writeFlows, writeList, written } from "./text";
export { closeWindow, dropIndex, flows, held, heldFlows, makeIndex, openWindow, readWindow, setTimes, units, useWindow } from "./window";

/** Where the memory begins that the loop itself does not use. */
export function heapStart(): usize {
  return (__heap_base + 0xffff) & ~0xffff;
}
