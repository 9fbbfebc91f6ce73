/** Random captures of every kind that can be read, small ones: what the fuzz run mutates. */
import type { Chance } from "../oracle/chance.ts";

/** A pcap or pcapng file of a few packets. */
export function randomCapture(chance: Chance): Buffer {
  return chance.percent(50) ? pcap(chance) : pcapng(chance);
}

const linkTypes = [1, 1, 1, 0, 12, 101, 108, 113, 228, 229, 276] as const;

interface Frame {
  readonly data: Buffer;
  readonly length: number;
}

/** Numbers in a file's byte order. */
class Writer {
  private readonly isLittle: boolean;

  constructor(isLittle: boolean) {
    this.isLittle = isLittle;
  }

  half(value: number): Buffer {
    const bytes = Buffer.alloc(2);
    if (this.isLittle) bytes.writeUInt16LE(value);
    else bytes.writeUInt16BE(value);
    return bytes;
  }

  word(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    if (this.isLittle) bytes.writeUInt32LE(value >>> 0);
    else bytes.writeUInt32BE(value >>> 0);
    return bytes;
  }

  long(value: bigint): Buffer {
    const bytes = Buffer.alloc(8);
    if (this.isLittle) bytes.writeBigInt64LE(value);
    else bytes.writeBigInt64BE(value);
    return bytes;
  }
}

function pcap(chance: Chance): Buffer {
  const write = new Writer(chance.percent(60));
  const isNano = chance.percent(30);
  const linkType = chance.of(linkTypes);
  const header = [isNano ? 0xa1b23c4d : 0xa1b2c3d4, 0x00040002, 0, 0, 65_535, linkType].map((value) => write.word(value));
  const records = chance.many(0, 10, () => {
    const { data, length } = randomFrame(chance, linkType);
    const words = [randomSeconds(chance), chance.below(isNano ? 1e9 : 1e6), data.length, length].map((value) => write.word(value));
    return Buffer.concat([...words, data]);
  });
  return Buffer.concat([...header, ...records]);
}

function randomSeconds(chance: Chance): number {
  return chance.percent(90) ? 1_700_000_000 + chance.below(300) : chance.below(2 ** 32 - 1);
}

function pcapng(chance: Chance): Buffer {
  return Buffer.concat(chance.many(1, 2, () => section(chance)));
}

function section(chance: Chance): Buffer {
  const write = new Writer(chance.percent(60));
  const block = (type: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    return Buffer.concat([write.word(type), write.word(padded.length + 12), padded, write.word(padded.length + 12)]);
  };
  const option = (code: number, value: Buffer) =>
    Buffer.concat([write.half(code), write.half(value.length), value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
  const cards = chance.many(1, 3, () => ({
    linkType: chance.of(linkTypes),
    snapLength: chance.of([0, 65_535, 64]),
    resolution: chance.of([undefined, 6, 9, 3, 0x80 | 20, 0x80 | 40, 19, 25]),
    offset: chance.of([undefined, undefined, 3600n, -86_400n]),
  }));
  const interfaces = cards.map(({ linkType, snapLength, resolution, offset }) =>
    block(
      1,
      write.half(linkType),
      write.half(0),
      write.word(snapLength),
      ...(resolution === undefined ? [] : [option(9, Buffer.from([resolution]))]),
      ...(offset === undefined ? [] : [option(14, write.long(offset))]),
      ...(chance.percent(50) ? [option(0, Buffer.alloc(0))] : []),
    ),
  );
  const packets = chance.many(0, 8, () => {
    const place = chance.below(cards.length);
    const { data, length } = randomFrame(chance, cards[place]!.linkType);
    const time = [write.word(chance.below(400_000)), write.word(chance.below(2 ** 32 - 1))];
    const sizes = [write.word(data.length), write.word(length)];
    switch (chance.below(10)) {
      case 0:
        return block(2, write.half(place), write.half(0), ...time, ...sizes, data);
      case 1: {
        const simple = randomFrame(chance, cards[0]!.linkType);
        const { snapLength } = cards[0]!;
        const cut = snapLength === 0 ? simple.data : simple.data.subarray(0, snapLength);
        return block(3, write.word(cut.length < simple.data.length ? simple.length : simple.data.length), cut);
      }
      case 2:
        return block(chance.of([4, 5, 0x0bad]), Buffer.alloc(chance.below(32)));
      default:
        return block(6, write.word(place), ...time, ...sizes, data, ...(chance.percent(20) ? [option(2, write.word(1))] : []));
    }
  });
  const header = block(0x0a0d0d0a, write.word(0x1a2b3c4d), write.half(1), write.half(0), write.long(-1n));
  return Buffer.concat([header, ...interfaces, ...packets]);
}

/** A frame, perhaps cut short. */
function randomFrame(chance: Chance, linkType: number): Frame {
  const isIpv6 = linkType === 229 || (linkType !== 228 && chance.percent(35));
  const whole = Buffer.concat([linkHeader(chance, linkType, isIpv6), isIpv6 ? ipv6(chance) : ipv4(chance)]);
  const data = chance.percent(12) ? whole.subarray(0, chance.below(whole.length + 1)) : whole;
  return { data, length: whole.length };
}

function linkHeader(chance: Chance, linkType: number, isIpv6: boolean): Buffer {
  const type = chance.percent(4) ? 0x0806 : isIpv6 ? 0x86dd : 0x0800;
  const tagged = (tags: number) =>
    Buffer.concat([...Array.from({ length: tags }, () => bytesOf(chance.of([0x8100, 0x88a8, 0x9100]), 5)), bytesOf(type)]);
  const tags = chance.weighted([
    [70, 0],
    [20, 1],
    [7, 2],
    [3, 3],
  ]);
  switch (linkType) {
    case 1:
      return Buffer.concat([Buffer.alloc(12, 2), tagged(tags)]);
    case 113:
      return Buffer.concat([Buffer.alloc(14, 1), tagged(tags)]);
    case 276: {
      const [first, ...rest] = [tagged(tags).subarray(0, 2), tagged(tags)];
      if (tags === 0) return Buffer.concat([bytesOf(type), Buffer.alloc(18)]);
      return Buffer.concat([first, Buffer.alloc(18), bytesOf(7), ...rest.map((each) => each.subarray(4))]);
    }
    case 0: {
      const family = Buffer.alloc(4);
      const value = isIpv6 ? chance.of([10, 24, 28, 30]) : 2;
      if (chance.percent(50)) family.writeUInt32LE(value);
      else family.writeUInt32BE(value);
      return family;
    }
    case 108:
      return bytesOf(0, isIpv6 ? chance.of([10, 24, 28, 30]) : 2);
    default:
      return Buffer.alloc(0);
  }
}

function bytesOf(...halves: number[]): Buffer {
  const bytes = Buffer.alloc(halves.length * 2);
  for (const [place, half] of halves.entries()) bytes.writeUInt16BE(half, place * 2);
  return bytes;
}

function transport(chance: Chance, protocol: number): Buffer {
  const bytes = Buffer.alloc(chance.of([0, 3, 4, 8, 20, 24]));
  if (bytes.length >= 4 && (protocol === 6 || protocol === 17)) {
    bytes.writeUInt16BE(chance.of([53, 67, 68, 443, 40_000]), 0);
    bytes.writeUInt16BE(chance.of([53, 67, 68, 22, 546]), 2);
  }
  return bytes;
}

function ipv4(chance: Chance): Buffer {
  const protocol = chance.of([6, 6, 17, 17, 1, 47, 132]);
  const payload = transport(chance, protocol);
  const words = chance.percent(90) ? 5 : 5 + chance.below(3);
  const header = Buffer.alloc(words * 4);
  header[0] = 0x40 | words;
  header.writeUInt16BE(chance.percent(6) ? 0 : header.length + payload.length, 2);
  header.writeUInt16BE(chance.below(4), 4);
  header.writeUInt16BE(chance.weighted([[80, 0], [7, 0x2000], [7, 0x2005], [6, 5]]), 6);
  header[9] = protocol;
  header.writeUInt32BE(0x0a000000 + chance.below(3), 12);
  header.writeUInt32BE(0x0a000000 + chance.below(3), 16);
  return Buffer.concat([header, payload, Buffer.alloc(chance.percent(10) ? 6 : 0)]);
}

function ipv6(chance: Chance): Buffer {
  const protocol = chance.of([6, 6, 17, 17, 58, 50, 59]);
  const kinds = chance.many(0, 2, () => chance.of([0, 43, 60, 44]));
  const extensions = kinds.map((kind, place) => {
    const next = kinds[place + 1] ?? protocol;
    const bytes = Buffer.alloc(8);
    bytes[0] = next;
    if (kind === 44) {
      bytes.writeUInt16BE(chance.of([0, 1, 1, 9, 8]), 2);
      bytes.writeUInt32BE(chance.below(3), 4);
    }
    return bytes;
  });
  const inner = Buffer.concat([...extensions, transport(chance, protocol)]);
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(chance.percent(5) ? 0 : inner.length, 4);
  header[6] = kinds[0] ?? protocol;
  for (const at of [8, 24]) {
    const kind = chance.below(3);
    if (kind === 0) header.writeUInt32BE(0x20010db8, at);
    if (kind === 1) header.writeUInt16BE(0xffff, at + 10);
    header[at + 15] = 1 + chance.below(2);
  }
  return Buffer.concat([header, inner]);
}
