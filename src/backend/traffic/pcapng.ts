/** The blocks of a pcapng file that are not packets: section headers and interface descriptions; others are passed over. */
import {
  interfaceBytes,
  interfaceExponent,
  interfaceIsBinary,
  interfaceLinkType,
  interfaceOffset,
  interfaceSnapLength,
  interfaceUnits,
  maxInterfaces,
  maxRecordBytes,
} from "../packet-loop/layout.ts";
import type { LoopMemory } from "../packet-loop/module.ts";

/** The type of a section header block: the same bytes in either order. */
export const sectionHeaderType = 0x0a0d0d0a;

const interfaceDescriptionType = 1;
const byteOrderMagic = 0x1a2b3c4d;
const optionTimeResolution = 9;
const optionTimeOffset = 14;

/** The section that is being read, with the interfaces described so far. */
export class PcapngSection {
  isLittleEndian = true;
  private readonly memory: LoopMemory;
  private readonly table: number;
  private interfaceCount = 0;

  /** `table` has room for the interfaces. */
  constructor(memory: LoopMemory, table: number) {
    this.memory = memory;
    this.table = table;
  }

  /**
   * Reads the block at an address of which so many bytes are there. Gives its length, or undefined when it is not
   * whole, or what is wrong with it.
   */
  read(at: number, buffered: number): number | string | undefined {
    if (buffered < 12) return undefined;
    const view = this.memory.numbers();
    const isSection = view.getUint32(at, true) === sectionHeaderType;
    if (isSection) {
      const magic = view.getUint32(at + 8, true);
      const swapped = view.getUint32(at + 8, false);
      if (magic !== byteOrderMagic && swapped !== byteOrderMagic) {
        return `is a section header with the byte-order magic 0x${swapped.toString(16)}, which is none`;
      }
      this.isLittleEndian = magic === byteOrderMagic;
    }
    const length = view.getUint32(at + 4, this.isLittleEndian);
    const isInterface = view.getUint32(at, this.isLittleEndian) === interfaceDescriptionType;
    const least = isSection ? 28 : isInterface ? 20 : 12;
    if (length < least || length % 4 !== 0) return `claims a length of ${length}, which cannot be`;
    if (length > maxRecordBytes) return `claims a length of ${length}, which cannot be`;
    if (buffered < length) return undefined;
    const lengthAtEnd = view.getUint32(at + length - 4, this.isLittleEndian);
    if (lengthAtEnd !== length) return `has a length of ${length} at its start and of ${lengthAtEnd} at its end`;
    const wrong = isSection ? this.beginSection(at, length) : isInterface ? this.addInterface(at, length) : undefined;
    return wrong ?? length;
  }

  private beginSection(at: number, length: number): string | undefined {
    const view = this.memory.numbers();
    const major = view.getUint16(at + 12, this.isLittleEndian);
    const minor = view.getUint16(at + 14, this.isLittleEndian);
    if (major !== 1) return `is a section header of version ${major}.${minor}; only version 1 can be read`;
    this.interfaceCount = 0;
    this.memory.loop.setSection(!this.isLittleEndian, this.table);
    return this.options(at + 24, at + length - 4, () => undefined);
  }

  private addInterface(at: number, length: number): string | undefined {
    if (this.interfaceCount === maxInterfaces) return `describes one interface more than the ${maxInterfaces} that a section may have`;
    const view = this.memory.numbers();
    const card = this.table + this.interfaceCount * interfaceBytes;
    view.setUint32(card + interfaceLinkType, view.getUint16(at + 8, this.isLittleEndian), true);
    view.setUint32(card + interfaceSnapLength, view.getUint32(at + 12, this.isLittleEndian), true);
    view.setBigInt64(card + interfaceOffset, 0n, true);
    this.setResolution(card, 6);
    const wrong = this.options(at + 16, at + length - 4, (code, value, size) => {
      if (code === optionTimeResolution && size === 1) this.setResolution(card, view.getUint8(value));
      else if (code === optionTimeOffset && size === 8) {
        view.setBigInt64(card + interfaceOffset, view.getBigInt64(value, this.isLittleEndian), true);
      } else if (code === optionTimeResolution || code === optionTimeOffset) {
        return `describes an interface whose option ${code} has a length of ${size}`;
      }
      return undefined;
    });
    if (wrong !== undefined) return wrong;
    this.interfaceCount++;
    this.memory.loop.setInterfaceCount(this.interfaceCount);
    return undefined;
  }

  /** How finely an interface counts time: a power of ten, or with the highest bit set one of two. */
  private setResolution(card: number, value: number): void {
    const view = this.memory.numbers();
    const exponent = value & 0x7f;
    view.setUint32(card + interfaceIsBinary, value >> 7, true);
    view.setUint32(card + interfaceExponent, exponent, true);
    view.setBigUint64(card + interfaceUnits, value < 0x80 && exponent < 20 ? 10n ** BigInt(exponent) : 0n, true);
  }

  /** Walks a block's options; gives what is wrong with one. */
  private options(
    from: number,
    end: number,
    take: (code: number, value: number, size: number) => string | undefined,
  ): string | undefined {
    const view = this.memory.numbers();
    let at = from;
    while (at + 4 <= end) {
      const code = view.getUint16(at, this.isLittleEndian);
      const size = view.getUint16(at + 2, this.isLittleEndian);
      if (code === 0) return undefined;
      if (at + 4 + size > end) return `has an option ${code} of ${size} bytes, more than the block has left`;
      const wrong = take(code, at + 4, size);
      if (wrong !== undefined) return wrong;
      at += 4 + Math.ceil(size / 4) * 4;
    }
    return undefined;
  }
}
