/**
 * Calls between two threads: a method by its name, its arguments and its answer as structured clones.
 *
 * Each side serves methods and calls those of the other. Messages arrive in the order in which they were sent, so what
 * a side tells before it answers is known when the answer comes. Errors of the classes that both sides know arrive as such.
 */
import { type MessagePort, parentPort, type Transferable, Worker } from "node:worker_threads";

/** A kind of error that keeps its class between threads; both sides list the same ones, those that derive from others first. */
export type ErrorClass = new (...args: never[]) => Error;

type Message =
  | { readonly leave: true }
  | { readonly method: string; readonly args: readonly unknown[]; readonly call: number | undefined }
  | { readonly answerTo: number; readonly value: unknown }
  | { readonly answerTo: number; readonly error: unknown; readonly kind: number; readonly fields: object };

interface Port {
  postMessage(message: Message, transfer?: readonly Transferable[]): void;
  on(event: "message", hear: (message: Message) => void): unknown;
  close?(): void;
}

/** One side's end of the line between two threads; `Theirs` is what the other side serves. */
export class Line<Theirs> {
  private readonly port: Port;
  private readonly served: Readonly<Record<string, (...args: unknown[]) => unknown>>;
  private readonly errors: readonly ErrorClass[];
  private readonly waiting = new Map<number, PromiseWithResolvers<unknown>>();
  private calls = 0;
  private broken: Error | undefined;

  constructor(port: MessagePort | Worker, served: object, errors: readonly ErrorClass[]) {
    this.port = port;
    this.served = served as typeof this.served;
    this.errors = errors;
    this.port.on("message", (message) => this.hear(message));
  }

  /** Calls a method of the other side; buffers of its arguments that are named in `transfer` are given away. */
  call<M extends keyof Theirs & string>(
    method: M,
    args: Theirs[M] extends (...args: infer A) => unknown ? Readonly<A> : never,
    transfer: readonly Transferable[] = [],
  ): Promise<Theirs[M] extends (...args: never[]) => infer R ? Awaited<R> : never> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const call = this.calls++;
    const answer = Promise.withResolvers<unknown>();
    this.waiting.set(call, answer);
    this.port.postMessage({ method, args, call }, transfer);
    return answer.promise as ReturnType<typeof this.call<M>>;
  }

  /** The same where nobody waits for the answer. */
  tell<M extends keyof Theirs & string>(method: M, args: Theirs[M] extends (...args: infer A) => unknown ? Readonly<A> : never): void {
    if (this.broken === undefined) this.port.postMessage({ method, args, call: undefined });
  }

  /** Asks the other side to end as soon as nothing keeps it. */
  dismiss(): void {
    this.port.postMessage({ leave: true });
  }

  /** The other side is gone: nothing that waits will be answered any more. */
  break(error: Error): void {
    this.broken = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private hear(message: Message): void {
    if ("leave" in message) {
      this.port.close?.();
      return;
    }
    if ("method" in message) return void this.serve(message);
    const answer = this.waiting.get(message.answerTo);
    this.waiting.delete(message.answerTo);
    if ("error" in message) answer?.reject(this.revived(message));
    else answer?.resolve(message.value);
  }

  private async serve({ method, args, call }: Extract<Message, { method: string }>): Promise<void> {
    if (call === undefined) return void this.served[method]!(...args);
    try {
      this.port.postMessage({ answerTo: call, value: await this.served[method]!(...args) });
    } catch (error) {
      const kind = this.errors.findIndex((each) => error instanceof each);
      this.port.postMessage({ answerTo: call, error, kind, fields: kind === -1 ? {} : { ...(error as object) } });
    }
  }

  /** An error as it was thrown: a clone has its words, its stack and its cause, but neither class nor fields. */
  private revived({ error, kind, fields }: Extract<Message, { error: unknown }>): unknown {
    const known = this.errors[kind];
    if (known === undefined) return error;
    Object.setPrototypeOf(error, known.prototype as object);
    return Object.assign(error as Error, fields);
  }
}

/** A thread, seen from the one that started it. */
export class Thread<Theirs> {
  readonly line: Line<Theirs>;
  private readonly worker: Worker;
  private readonly exited: Promise<unknown>;
  private isEnding = false;

  /**
   * Starts the file at `url` as a thread. `died` hears when it ends without being told to: what it held in memory is
   * lost then, and nothing that it was asked will be answered.
   */
  constructor(url: URL, workerData: object, served: object, errors: readonly ErrorClass[], died: (error: Error) => void) {
    this.worker = new Worker(url, { workerData });
    this.line = new Line(this.worker, served, errors);
    let failure: Error | undefined;
    this.worker.on("error", (error: Error) => {
      failure = error;
    });
    const exited = Promise.withResolvers<unknown>();
    this.exited = exited.promise;
    this.worker.on("exit", (code) => {
      exited.resolve(code);
      if (this.isEnding) return;
      const error = failure ?? new Error(`a thread of the backend ended with ${code}`);
      this.line.break(error);
      died(error);
    });
  }

  /**
   * Ends the thread, which has nothing left to do. It leaves by itself when what it began in native code is done: the
   * whole process would abort if a thread were stopped while DuckDB works for it.
   */
  async end(): Promise<void> {
    this.isEnding = true;
    this.line.dismiss();
    await this.exited;
  }
}

/** The line to the thread that started this one. */
export function lineToStarter<Theirs>(served: object, errors: readonly ErrorClass[]): Line<Theirs> {
  return new Line<Theirs>(parentPort!, served, errors);
}
