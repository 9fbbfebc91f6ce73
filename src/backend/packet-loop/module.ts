/**
 * Loads the packet loop: the inner loop over captured packets, WebAssembly compiled from `wasm/` by `npm run build`.
 *
 * Several instances, each in its thread or all in one, may work over one shared memory: one sums, others parse for it.
 * Only the first gives out memory.
 */
import { readFileSync } from "node:fs";
import { maxFarTimes } from "./layout.ts";

/** What the loop offers; every number is an address, a count or a code of `layout.ts`. */
export interface PacketLoop {
  setSeed(low: number, high: number): void;
  allocate(size: number): number;
  release(at: number, size: number): void;
  setHeap(start: number): void;
  heapStart(): number;

  setSumsOnly(value: boolean): void;
  setFarTable(at: number): void;
  setOutput(start: number, end: number): void;
  setPcap(swapped: boolean, nano: boolean, linkType: number): void;
  setSection(swapped: boolean, interfaces: number): void;
  setInterfaceCount(count: number): void;
  parsePcap(at: number, end: number): number;
  parsePcapng(at: number, end: number): number;
  readonly stop: { readonly value: number };
  readonly out: { readonly value: number };
  readonly frames: { readonly value: number };
  readonly packets: { readonly value: number };
  readonly notIp: { readonly value: number };
  readonly undecodable: { readonly value: number };
  readonly otherLink: { readonly value: number };
  farSeconds(code: number): bigint;
  plainRun(at: number, end: number): number;

  openWindow(indexBits: number): number;
  useWindow(window: number): void;
  readWindow(window: number): void;
  setTimes(first: number, spanLow: number, spanHigh: number): void;
  readonly flows: { readonly value: number };
  readonly units: { readonly value: number };
  readonly held: { readonly value: number };
  readonly heldFlows: { readonly value: number };
  dropIndex(window: number): void;
  makeIndex(): boolean;
  closeWindow(window: number): void;
  sum(at: number, end: number): number;
  readonly sumsStop: { readonly value: number };
  settlePorts(slot: number, ports: number): void;
  addSums(slot: number, packets: number, bytesLow: number, bytesHigh: number, start: number, end: number): number;

  prepareText(place: number): void;
  useText(place: number): void;
  literalAt(place: number): number;
  writeFlows(from: number, until: number, at: number, activation: number, withAll: boolean): number;
  writeList(list: number, from: number, until: number, at: number, activation: number, withAll: boolean): number;
  readonly written: { readonly value: number };
  sortFlows(count: number): number;
  releaseList(list: number, count: number): void;
}

/** Decides the hashes of 5-tuples: two words of 32 bits. */
export type HashSeed = readonly [low: number, high: number];

/** What another instance over the same memory needs. */
export interface SharedLoop {
  readonly memory: WebAssembly.Memory;
  readonly seed: HashSeed;
  readonly farTable: number;
}

/** An instance and its memory. */
export class LoopMemory {
  readonly loop: PacketLoop;
  readonly shared: SharedLoop;
  private view: DataView;
  private all: Uint8Array;

  /**
   * An instance over a memory that exists, or over a new one: then with a seed that nobody can guess where strangers'
   * packets are summed, so that nobody can choose addresses whose hashes collide.
   */
  constructor(shared: SharedLoop | undefined, seed: HashSeed = shared?.seed ?? [0, 0]) {
    const memory = shared?.memory ?? new WebAssembly.Memory({ initial: 16, maximum: 65_536, shared: true });
    this.loop = instantiate(memory);
    if (shared === undefined) this.loop.setHeap(this.loop.heapStart());
    this.view = new DataView(memory.buffer);
    this.all = new Uint8Array(memory.buffer);
    this.shared = { memory, seed, farTable: shared?.farTable ?? this.loop.allocate((maxFarTimes + 1) * 8) };
    if (shared === undefined) this.numbers().setUint32(this.shared.farTable, 0, true);
    this.loop.setSeed(seed[0], seed[1]);
    this.loop.setFarTable(this.shared.farTable);
  }

  /** Numbers in the memory; ask again after anything that may have made it grow. */
  numbers(): DataView {
    const { buffer } = this.shared.memory;
    if (this.view.byteLength !== buffer.byteLength) this.view = new DataView(buffer);
    return this.view;
  }

  /** A part of the memory as bytes. */
  bytes(at: number, length: number): Uint8Array {
    const { buffer } = this.shared.memory;
    if (this.all.length !== buffer.byteLength) this.all = new Uint8Array(buffer);
    // Addresses beyond 2 GiB come back as negative numbers.
    return this.all.subarray(at >>> 0, (at >>> 0) + length);
  }

  /** Memory of that size; an error when there is none left. */
  allocate(size: number): number {
    const at = this.loop.allocate(size) >>> 0;
    if (at === 0) throw new LoopMemoryFull();
    return at;
  }
}

/** The four gigabytes that the loop can address are used up, or the machine gave no more. */
export class LoopMemoryFull extends Error {
  override readonly name = "LoopMemoryFull";

  constructor() {
    super("no memory left for more flows: the packet loop can address 4 GiB, and a window has at most 134 million");
  }
}

let compiled: WebAssembly.Module | undefined;

function instantiate(memory: WebAssembly.Memory): PacketLoop {
  compiled ??= new WebAssembly.Module(readModule());
  const abort = () => {
    throw new Error("the packet loop gave up");
  };
  const instance = new WebAssembly.Instance(compiled, { env: { memory, abort } });
  return instance.exports as unknown as PacketLoop;
}

function readModule(): Buffer<ArrayBuffer> {
  // The same place from `src` and from `dist`.
  const place = new URL("../../../dist/packet-loop.wasm", import.meta.url);
  try {
    return readFileSync(place);
  } catch (cause) {
    throw new Error("dist/packet-loop.wasm is missing: run `npm run build`", { cause });
  }
}
