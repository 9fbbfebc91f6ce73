/** Reads protocol buffers: the fields of a message, one after the other. Source: the encoding's own description. */

/** Bytes that are no message of that kind. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A field of a message: its number, and its value as the reader asks for it. */
export class Field {
  readonly number: number;
  private readonly value: number | Uint8Array;

  constructor(number: number, value: number | Uint8Array) {
    this.number = number;
    this.value = value;
  }

  bytes(name: string): Uint8Array {
    if (typeof this.value === "number") throw new MalformedMessage(`${name}: a number stands where bytes are expected`);
    return this.value;
  }

  text(name: string): string {
    try {
      return decoder.decode(this.bytes(name));
    } catch (error) {
      if (error instanceof TypeError) throw new MalformedMessage(`${name}: is not UTF-8`);
      throw error;
    }
  }

  integer(name: string): number {
    if (typeof this.value !== "number") throw new MalformedMessage(`${name}: bytes stand where a number is expected`);
    return this.value;
  }
}

/** The fields of a message in their order; fixed-width numbers, which the log service has none of, are passed over. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const reader = new Reader(message);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === 0) yield new Field(number, reader.varint());
    else if (wire === 2) yield new Field(number, reader.take(reader.varint()));
    else if (wire === 1) reader.take(8);
    else if (wire === 5) reader.take(4);
    else throw new MalformedMessage(`field ${number} has the wire type ${wire}, which no message here has`);
  }
}

class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** A number of up to ten bytes, seven bits each; one beyond what a double holds exactly loses its last digits. */
  varint(): number {
    let value = 0;
    for (let place = 0; place < 10; place++) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new MalformedMessage("the message is cut off within a number");
      value += (byte & 127) * 2 ** (7 * place);
      if (byte < 128) return value;
    }
    throw new MalformedMessage("a number has more than ten bytes");
  }

  take(count: number): Uint8Array {
    if (this.at + count > this.bytes.length) throw new MalformedMessage("the message is cut off within a field");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
}
