/**
 * Where things lie in the memory of the short way: read by TypeScript and by its loop (`wasm/`, compiled to WebAssembly),
 * so that neither can be wrong about the other. Plain whole numbers only: both compilers must take them.
 */

/** The packets of a slice, 32 bytes each as in `packet-batch.ts`; the addresses of IPv6 as the judge numbers them. */
export const packetsAt = 65536;
/** Most packets of a slice. */
export const slicePackets = 4096;

/** What the loop notes of the packets it is about to take: key, hash, and the index's first word, four bytes each. */
export const aheadAt = 196608;
export const aheadBytes = 16;

/** The judge's pulses: 32 bytes each, the words at these offsets (`vpc/pulses.ts`). */
export const pulsesAt = 262144;
export const pulseLast = 0;
export const pulseLimit = 8;
export const pulseVersion = 16;

/** The entries: one for each kind of packet that repeats, 64 bytes, one line of the processor's cache. */
export const entriesAt = 8650752;
export const entryBytes = 64;
/** Most entries. */
export const maxEntries = 524288;
/** Addresses, ports and key as in a packet: what tells one entry from another. */
export const entrySrc = 0;
export const entryDst = 4;
export const entryPorts = 8;
export const entryKey = 12;
/** The pulse, and the version it must still have. */
export const entryPulse = 16;
export const entryVersion = 20;
/** The start of the window that its packets are counted in, and the places of their flows there. */
export const entryWindow = 24;
export const entryFlow = 28;
export const entrySecondFlow = 32;
/** What is held back: packets, the first and the last second, and the bytes as a float. */
export const entryPackets = 36;
export const entryStart = 40;
export const entryEnd = 44;
/** The bits `traits…`. */
export const entryTraits = 48;
/** 0 where the entry holds nothing back, else the entry + 2 that began to before it, or 1. */
export const entryHeld = 52;
export const entrySum = 56;

/** An entry that no window counts. */
export const noWindow = 0xffffffff;

/** In the traits: how many ENIs meet the packet (two bits). */
export const traitsMet = 3;
/** The last of them rejects it. */
export const traitsRejected = 4;
/** How many of them no flow log sees (two bits, from this one on). */
export const traitsUnwatched = 8;
/** The first ENI is the sender's. */
export const traitsSender = 32;

/** The index into the entries by hash: a word each, of which the low bits are the entry + 1, the others of the hash. */
export const indexAt = 42205184;
export const numberBits = 20;
/** Words of the index as powers of two: at first, and at last. */
export const firstIndexBits = 10;
export const lastIndexBits = 20;

/** Pages of 64 KiB in all. */
export const memoryPages = 708;
