/** Measured cells: how long each engine took for a question, cold and warm, engines in turn. */
import { type Answer, cpuMs, type Engine } from "./engine.ts";
import type { Question } from "./questions.ts";

/** Times of one question and engine, ms; `counts` are what was answered. */
export interface Cell {
  readonly cold: readonly number[];
  readonly warm: readonly number[];
  /** Processor time of the engine's process for a warm answer. */
  readonly warmCpu: readonly number[];
  readonly counts: readonly number[];
}

export type EngineName = Engine["name"];

/** Cells of a table by row and engine. */
export type Cells = Record<string, Partial<Record<EngineName, Cell>>>;

/** How often an engine is asked at most. */
export type Times = Readonly<Partial<Record<EngineName, number>>>;

async function timed(engine: Engine, question: Question): Promise<{ readonly ms: number; readonly cpu: number; readonly answer: Answer }> {
  const cpu = cpuMs(engine.pid);
  const began = performance.now();
  const answer = await engine.ask(question);
  return { ms: performance.now() - began, cpu: cpuMs(engine.pid) - cpu, answer };
}

/** Asks every engine the questions in turn; what they find must be the same. */
export async function measure(engines: readonly Engine[], questions: readonly Question[], times: Times = {}): Promise<Partial<Record<EngineName, Cell>>> {
  const found = new Map(engines.map((engine) => [engine, { cold: [] as number[], warm: [] as number[], warmCpu: [] as number[], counts: [] as number[] }]));
  for (const [place, question] of questions.entries()) {
    const counts = new Map<EngineName, number>();
    for (const engine of engines.filter(({ name }) => place < (times[name] ?? questions.length))) {
      await engine.chill();
      const cold = await timed(engine, question);
      const warm = await timed(engine, question);
      const cell = found.get(engine)!;
      cell.cold.push(cold.ms);
      cell.warm.push(warm.ms);
      cell.warmCpu.push(warm.cpu);
      cell.counts.push(cold.answer.count);
      counts.set(engine.name, cold.answer.count);
    }
    if (new Set(counts.values()).size > 1) throw new Error(`${question.name}, ${question.own.query}: the engines found ${JSON.stringify([...counts])}`);
  }
  return Object.fromEntries(engines.map((engine) => [engine.name, found.get(engine)!]));
}

/** The value below which that share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
