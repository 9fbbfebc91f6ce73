/** Calls between two threads: answers, errors of known classes, what is told before an answer, and a thread that dies. */
import { afterEach, expect, test } from "vitest";
import { type ErrorClass, Thread } from "../../src/backend/thread.ts";

interface Other {
  twice(number: number): number;
  refuse(words: string): never;
  deny(words: string): never;
  fail(words: string): never;
  askBack(word: string): string;
  take(bytes: Uint8Array): number;
  throwAside(words: string): void;
  leave(): void;
  beginQueries(): Promise<void>;
}

class Refusal extends Error {
  override readonly name = "Refusal";
  at = 0;
}

/** Called as the one that it derives from. */
class Denial extends Refusal {}

const module = new URL("../../src/backend/thread.ts", import.meta.url).href;
const duckdb = import.meta.resolve("@duckdb/node-api");
const source = `
  import { lineToStarter } from ${JSON.stringify(module)};
  class Refusal extends Error { name = "Refusal"; at = 0; }
  class Denial extends Refusal {}
  const line = lineToStarter({
    twice: (number) => number * 2,
    refuse: (words) => { throw Object.assign(new Refusal(words), { at: 7 }); },
    deny: (words) => { throw new Denial(words); },
    fail: (words) => { throw new RangeError(words); },
    askBack: async (word) => { line.tell("hear", [word]); return line.call("answer", [word]); },
    take: (bytes) => bytes.length,
    throwAside: (words) => { setImmediate(() => { throw new Error(words); }); },
    leave: () => process.exit(3),
    beginQueries: async () => {
      const { DuckDBInstance } = await import(${JSON.stringify(duckdb)});
      const connection = await (await DuckDBInstance.create(":memory:")).connect();
      for (let query = 0; query < 50; query++) connection.runAndReadAll("select range::varchar from range(20000)").catch(() => {});
    },
  }, [Denial, Refusal]);
`;

const heard: string[] = [];
const deaths: string[] = [];
let thread: Thread<Other>;

function start(errors: readonly ErrorClass[] = [Denial, Refusal]): Thread<Other> {
  heard.length = 0;
  deaths.length = 0;
  const served = { hear: (word: string) => heard.push(word), answer: (word: string) => `${word}, after ${heard.join(" ")}` };
  thread = new Thread<Other>(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {}, served, errors, ({ message }) => deaths.push(message));
  return thread;
}

afterEach(() => thread.end());

test("each side calls the other, and what is told before is known before", async () => {
  const { line } = start();
  expect(await Promise.all([line.call("twice", [1]), line.call("twice", [2]), line.call("askBack", ["word"])])).toEqual([2, 4, "word, after word"]);
});

test("an error of a known class arrives as one, any other with its words", async () => {
  const { line } = start();
  const refusal = await line.call("refuse", ["no"]).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ message: "no", at: 7, name: "Refusal" });
  expect(refusal).not.toBeInstanceOf(Denial);
  expect(await line.call("deny", ["never"]).catch((error: unknown) => error)).toBeInstanceOf(Denial);
  await expect(line.call("fail", ["too far"])).rejects.toThrow(new RangeError("too far"));
});

test("what is given away is no longer here", async () => {
  const { line } = start();
  const bytes = new Uint8Array(1000);
  expect(await line.call("take", [bytes], [bytes.buffer])).toBe(1000);
  expect(bytes.length).toBe(0);
});

test.each([
  { name: "by an error", fatal: "throwAside", args: ["fell over"], words: "fell over" },
  { name: "by itself", fatal: "leave", args: [], words: "a thread of the backend ended with 3" },
] as const)("a thread that ends $name is told of, and nothing waits for it", async ({ fatal, args, words }) => {
  const { line } = start();
  await line.call(fatal, args as never).catch(() => {});
  await expect.poll(() => deaths).toEqual([words]);
  await expect(line.call("twice", [1])).rejects.toThrow(words);
});

test("a thread is ended while the engine works for it, and the process lives on", async () => {
  for (let time = 0; time < 3; time++) {
    const { line } = start();
    await line.call("beginQueries", []);
    await thread.end();
  }
  expect(deaths).toEqual([]);
});
