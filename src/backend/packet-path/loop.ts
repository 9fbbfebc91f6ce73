/** Loads the loop of the short way: WebAssembly compiled from `wasm/` by `npm run build`, each with a memory of its own. */
import { readFileSync } from "node:fs";
import { memoryPages } from "./layout.ts";

/** What the loop offers; every number is a place, a count or a moment. */
export interface ShortWayLoop {
  run(place: number, end: number): number;
  readonly entries: { readonly value: number };
  nextHeld(): number;
  enter(place: number): number;
  clear(): void;
}

let compiled: WebAssembly.Module | undefined;

/** A loop and its memory, which never grows: what was not used of it takes no room. */
export function shortWayLoop(): { readonly loop: ShortWayLoop; readonly buffer: ArrayBuffer } {
  compiled ??= new WebAssembly.Module(readModule());
  const memory = new WebAssembly.Memory<ArrayBuffer>({ initial: memoryPages, maximum: memoryPages, shared: false });
  const abort = () => {
    throw new Error("the loop of the short way gave up");
  };
  const instance = new WebAssembly.Instance(compiled, { env: { memory, abort } });
  return { loop: instance.exports as unknown as ShortWayLoop, buffer: memory.buffer };
}

function readModule(): Buffer<ArrayBuffer> {
  // The same place from `src` and from `dist`.
  const place = new URL("../../../dist/short-way.wasm", import.meta.url);
  try {
    return readFileSync(place);
  } catch (cause) {
    throw new Error("dist/short-way.wasm is missing: run `npm run build`", { cause });
  }
}
