/** Writing to an open file, pipe or terminal, from any thread. */
import { writeSync } from "node:fs";

const waiting = new Int32Array(new SharedArrayBuffer(4));

/** Writes all the bytes, also to a pipe that is read slowly. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(waiting, 0, 0, 1);
    }
  }
}
