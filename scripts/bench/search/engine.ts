/** An engine that is asked over HTTP, in a process of its own. */
import { readFileSync } from "node:fs";
import type { Question } from "./questions.ts";

/** What an engine answered, in what every engine can be compared by. */
export interface Answer {
  /** How many rows were found, or the number that was asked for. */
  readonly count: number;
}

/** A running engine with the records in it. */
export interface Engine {
  readonly name: "flowlogs" | "ClickHouse" | "DuckDB file" | "VictoriaLogs";
  readonly pid: number;
  ask(question: Question): Promise<Answer>;
  /** Gives up all that is cached of its files, its own caches of them included. */
  chill(): Promise<void>;
  stop(): Promise<void>;
}

/** Resident memory of a process now and at its highest, MB. */
export function memoryMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) / 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** Processor time of a process so far, ms. */
export function cpuMs(pid: number): number {
  // Behind the name in brackets the third field is the first; times are in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
