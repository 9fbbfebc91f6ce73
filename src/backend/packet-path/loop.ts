/** Loads the loop of the short way: WebAssembly compiled from `wasm/` by `npm run build`, each with a memory of its own. */
import { readFileSync } from "node:fs";
import { memoryPages } from "./layout.ts";

/** What the loop offers; every number is a place, a count or a moment. */
export interface ShortWayLoop {
  setTimes(nowMs: number, dueMs: number, newestMs: number): void;
  setWindows(windowSeconds: number, firstOpenStart: number): void;
  run(place: number, end: number): number;
  readonly found: { readonly value: number };
  readonly nowMs: { readonly value: number };
  readonly matched: { readonly value: number };
  readonly offered: { readonly value: number };
  readonly rejected: { readonly value: number };
  readonly unwatched: { readonly value: number };
  clearCounts(): void;
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
