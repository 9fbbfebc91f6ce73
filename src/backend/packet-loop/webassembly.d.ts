/** The part of WebAssembly that the packet loops need: Node has it, its types do not say so. */
declare namespace WebAssembly {
  class Memory<B extends ArrayBufferLike = SharedArrayBuffer> {
    constructor(descriptor: { initial: number; maximum: number } & (B extends SharedArrayBuffer ? { shared: true } : { shared: false }));
    readonly buffer: B;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
    private readonly compiled: true;
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
