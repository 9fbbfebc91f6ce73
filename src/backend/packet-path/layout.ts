/**
 * Where things lie in the memory of the short way: read by TypeScript and by its loop (`wasm/`, compiled to WebAssembly),
 * so that neither can be wrong about the other. Plain whole numbers only: both compilers must take them.
 */

/**
 * What the loop is told: where the clock stands and when something falls due before which it must be asked; the moment
 * from before which packets are not for all flow logs; the start of the first window that is open (floats); seconds of a
 * window.
 */
export const toldAt = 65024;
export const toldNow = 0;
export const toldDue = 8;
export const toldNewest = 16;
export const toldFirstOpen = 24;
export const toldWindow = 32;
/** What it tells: what the packets that it took came to, as in `path-counts.ts`; */
export const tellsMatched = 36;
export const tellsOffered = 40;
export const tellsRejected = 44;
export const tellsUnwatched = 48;
/** where it stopped at a packet that only has to be counted anew: its entry × 2 + its direction + 1; else 0. */
export const tellsFound = 52;

/** The packets of a slice, 32 bytes each as in `packet-batch.ts`; the addresses of IPv6 as the judge numbers them. */
export const packetsAt = 65536;
/** Most packets of a slice. */
export const slicePackets = 1024;

/** What the loop notes of the packets that it is about to take. */
export const aheadAt = 196608;
export const aheadBytes = 32;

/**
 * The entries: one for the packets of both directions between two ends that repeat each other, 64 bytes, one line of the
 * processor's cache. An entry is also the pulse that they share (`vpc/pulses.ts`).
 */
export const entriesAt = 262144;
export const entryBytes = 64;
/** Most entries. */
export const maxEntries = 524288;
/** The addresses as in a packet, the lower number first, and the ports in that order. */
export const entryEnds = 0;
export const entryPorts = 8;
/** The key of the packets' kind, and above it the bits `trait…` of direction 0 (from the lower address) and of direction 1. */
export const entryState = 12;
/** When the latest packet came (Unix milliseconds, a float), and how long after it the next one still repeats it. */
export const entryLast = 16;
export const entryLimit = 24;
/** The start of the window that the packets are counted in. */
export const entryWindow = 28;
/** Behind it the sums of direction 0, and those of direction 1. */
export const entrySums = 32;
export const sumsBytes = 16;
/** In the sums: the place of the flow at the first ENI that is met, or `unlinked`. */
export const sumsFlow = 0;
/** What is held back: packets, bytes, and the first and the last second of the window (16 bits each). */
export const sumsPackets = 4;
export const sumsLength = 8;
export const sumsSpan = 12;

/** Packets that have not been counted in the entry's window yet. */
export const unlinked = 0xfffffffe;

/** Bits of the key. */
export const keyBits = 13;
/** Bits of a direction's traits, and among them: the direction's packets are known; */
export const traitBits = 7;
export const traitKnown = 1;
/** how many ENIs meet them (two bits), */
export const traitMet = 2;
/** the last of them rejects them, */
export const traitRejected = 8;
/** how many of them no flow log sees (two bits), */
export const traitUnwatched = 16;
/** the first of them is the sender's. */
export const traitSender = 64;
/** In the state: both directions' {@link traitKnown}; */
export const bothKnown = 1056768;
/** no packet has come since the entry was learned, and the next one changes more than the times. */
export const awaitsFirst = 134217728;

/** The index into the entries by hash: a word each, of which the low bits are the entry + 1, the others of the hash. */
export const indexAt = 33816576;
export const numberBits = 20;
/** Words of the index as powers of two: at first, and at last; it grows by two of them. */
export const firstIndexBits = 10;
export const lastIndexBits = 20;

/** By entry, four bytes: 0 where it holds nothing back, else the entry + 2 that began to before it, or 1. */
export const heldAt = 38010880;

/** Pages of 64 KiB in all. */
export const memoryPages = 612;
