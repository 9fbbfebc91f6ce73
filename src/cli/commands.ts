/** Every subcommand of `flowlogs`, in the order in which help shows them; each is loaded only when it is asked for. */
import type { Command } from "commander";

/** A subcommand: its line in the list of commands, and how it is loaded. */
export interface Subcommand {
  readonly name: string;
  readonly summary: string;
  /** Loads the function that adds the command, with its arguments, options and examples, to a program. */
  readonly load: () => Promise<(program: Command) => void>;
}

export const subcommands: readonly Subcommand[] = [
  { name: "serve", summary: "run the backend", load: async () => (await import("./serve.ts")).registerServe },
  { name: "replay", summary: "offer captured packets to the backend", load: async () => (await import("./replay.ts")).registerReplay },
  {
    name: "aggregate",
    summary: "turn captures into flow log records, with no backend",
    load: async () => (await import("./aggregate.ts")).registerAggregate,
  },
  { name: "search", summary: "find records in topics", load: async () => (await import("./search.ts")).registerSearch },
  { name: "tail", summary: "show the latest records, and those that arrive", load: async () => (await import("./tail.ts")).registerTail },
  { name: "export", summary: "write all the records of a query to a file", load: async () => (await import("./export.ts")).registerExport },
  { name: "explain", summary: "say which rule decides", load: async () => (await import("./explain.ts")).registerExplain },
  { name: "clock", summary: "show the backend's time, or move a virtual clock", load: async () => (await import("./clock.ts")).registerClock },
  { name: "status", summary: "show what the backend holds", load: async () => (await import("./status.ts")).registerStatus },
  { name: "snapshot", summary: "save the whole cloud, or load a saved one", load: async () => (await import("./snapshot.ts")).registerSnapshot },
  { name: "reset", summary: "forget everything", load: async () => (await import("./reset.ts")).registerReset },
  { name: "store", summary: "copy logs into ClickHouse, or back", load: async () => (await import("./store.ts")).registerStore },
  {
    name: "verify",
    summary: "check expectations over records and searches",
    load: async () => (await import("./verify.ts")).registerVerify,
  },
  { name: "completion", summary: "print a shell's completion", load: async () => (await import("./completion.ts")).registerCompletion },
];
