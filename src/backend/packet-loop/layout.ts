/**
 * Where things lie in the packet loop's memory: read by TypeScript and by the loop itself (`wasm/`, compiled to
 * WebAssembly), so that neither can be wrong about the other. Plain whole numbers only: both compilers must take them.
 */

/** A packet's header, and each extension of it, takes one slot of this many bytes. */
export const slotBytes = 32;

/*
 * A header slot. Addresses and ports stand as they do on the wire, everything else is little-endian.
 */

/** IPv4 addresses, four bytes each. Of an IPv6 packet a hash of both addresses; they stand in the slot that follows. */
export const slotSrc = 0;
export const slotDst = 4;
/** TCP and UDP ports. ICMP queries: the identifier, then type and code in the place of the destination port. */
export const slotPorts = 8;
/** The protocol, and in the byte after it the TCP flags. */
export const slotProtocol = 12;
/** The bits `form…`. */
export const slotForm = 14;
/** How many slots the packet takes in all. */
export const slotCount = 15;
/** The IP total length in bytes, whatever was captured of it. */
export const slotLength = 16;
/** Unix seconds, or a time code. */
export const slotSeconds = 20;
/** Nanoseconds of the second; of a fragment that is to be summed: the IP identification. */
export const slotNanos = 24;
/** A hash of the 5-tuple, for summing by it; of a fragment that is to be judged: the IP identification. */
export const slotHash = 28;

/** The form's bits: the slot after the header holds IPv6 addresses (source, destination). */
export const formIpv6 = 1;
/** A fragment after the first: it has no ports of its own, those of its first fragment at most. */
export const formLaterFragment = 2;
/** The capture gives no time for the packet. */
export const formUntimed = 4;
/** The last slots of the packet are those of the packet that an ICMP error reports on. */
export const formQuotes = 8;
/** The first fragment of several. */
export const formFirstFragment = 16;

/** Most slots of a packet: header, IPv6 addresses, and the same of a quoted packet. */
export const maxPacketSlots = 4;

/*
 * Time codes: seconds from this number on (the year 2106) are not seconds but stand for one that 32 bits cannot hold.
 */

/** The first code: the place in the table of far times is the code less this. */
export const farTimes = 0xffff0000;
/** The code of a packet without a time. */
export const noTime = 0xffffffff;
/** Most different far times; what comes after them has no time. */
export const maxFarTimes = 65535;

/*
 * An interface of a pcapng section.
 */
export const interfaceBytes = 32;
export const interfaceLinkType = 0;
/** Time units are a power of ten (0) or of two (1). */
export const interfaceIsBinary = 4;
/** The exponent of that power. */
export const interfaceExponent = 8;
/** Longest capture of a packet; 0 for no limit. */
export const interfaceSnapLength = 12;
/** Seconds added to every time (signed, 64 bits). */
export const interfaceOffset = 16;
/** Units in a second (64 bits). */
export const interfaceUnits = 24;
/** Most interfaces of a section. */
export const maxInterfaces = 16384;

/*
 * Why parsing stopped.
 */

/** All whole records are parsed: more bytes are needed. */
export const stopInput = 0;
/** The place for packets is full. */
export const stopOutput = 1;
/** The record here claims a captured length that cannot be. */
export const stopTooLong = 2;
/** A pcapng block here is not a packet: the caller reads it. */
export const stopBlock = 3;
/** The pcapng block's lengths do not agree, or leave no room for what it must hold. */
export const stopBroken = 4;
/** The pcapng packet names an interface that its section does not have. */
export const stopInterface = 5;

/** Longest record that is believed: far above any real frame, far below what would exhaust memory. */
export const maxRecordBytes = 4194304;

/*
 * A flow's sums by 5-tuple: one unit, and one more for the addresses of IPv6. The first 12 bytes are a header slot's.
 */
export const unitBytes = 32;
/** Protocol (8 bits), whether IPv6 (1 bit), 7 bits unused, the high 16 bits of the flow's bytes. */
export const flowMeta = 12;
/** 0 in a unit that holds no flow. */
export const flowPackets = 16;
export const flowBytesLow = 20;
export const flowStart = 24;
export const flowEnd = 28;

/** In `flowMeta`: the flow is of IPv6. */
export const metaIpv6 = 256;

/** Units of a segment, as a power of two: a window's units lie in segments that never move. */
export const segmentBits = 12;

/*
 * A capture window.
 */
export const windowBytes = 32;
/** The index: its address, and its number of places as a power of two. */
export const windowIndex = 0;
export const windowIndexBits = 4;
/** The segments: the address of the table of their addresses, how many it has room for, and how many there are. */
export const windowSegments = 8;
export const windowSegmentRoom = 12;
export const windowSegmentCount = 16;
/** Units in use; number 0 is never used. */
export const windowUnits = 20;
/** Flows. */
export const windowFlows = 24;

/*
 * Why summing stopped.
 */

/** Everything is summed. */
export const sumsDone = 0;
/** The packet here does not belong to the current window. */
export const sumsOtherWindow = 1;
/** The packet here is a fragment whose ports are to be settled. */
export const sumsFragment = 2;
/** The window has no room for more flows. */
export const sumsFull = 3;

/*
 * The words around a record's nine fields: one before each, one at the end, one for an absent value.
 */
export const literalBytes = 32;
export const literalLength = 31;
export const literalCount = 11;
export const literalAbsent = 10;
/** No record is longer. */
export const maxRecordText = 768;
/** The tables for text: the literals, 256 octets, and the numbers below 10,000 in four digits. */
export const textTableBytes = literalCount * literalBytes + 256 * 4 + 10000 * 4;
