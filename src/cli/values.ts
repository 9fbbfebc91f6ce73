/** Options' values: stretches of time, moments, numbers. Each refuses what it cannot read by option and value. */
import { Argument, Option } from "commander";
import { UsageError } from "./errors.ts";

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds in a stretch such as `90`, `90s`, `15m`, `2h`, `1d`, or several together: `1h30m`. */
export function readDuration(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+)([smhd]?)/g)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join("") === text;
  if (!isWhole) throw new UsageError(`${option}: ${JSON.stringify(text)} must be a stretch of time such as 90s, 15m or 1h30m`);
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitSeconds[unit === "" ? "s" : unit!]!, 0);
}

/**
 * Unix milliseconds of a moment: `now`, `now-15m`, an ISO date (`2026-11-22`, `2026-11-22T10:00:00Z`; UTC unless it says
 * otherwise), or a number of seconds or milliseconds since 1970.
 */
export function readMoment(text: string, option: string, nowMs: number): number {
  const relative = /^now(?:([+-])(.+))?$/.exec(text);
  if (relative !== null) {
    const offset = relative[2] === undefined ? 0 : readDuration(relative[2], option) * 1000;
    // A virtual clock stands where a packet left it, between two milliseconds too.
    return Math.floor(relative[1] === "-" ? nowMs - offset : nowMs + offset);
  }
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{11,14}$/.test(text)) return Number(text);
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text);
  const isDate = /^\d{4}-\d{2}-\d{2}/.test(text);
  const ms = isDate ? Date.parse(hasZone || !text.includes(":") ? text : `${text.replace(" ", "T")}Z`) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new UsageError(`${option}: ${JSON.stringify(text)} must be a moment such as now-15m, 2026-11-22T10:00:00Z or 1795341600`);
  }
  return ms;
}

/** A whole number within bounds. */
export function readInteger(text: string, option: string, min: number, max: number): number {
  if (!/^\d+$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new UsageError(`${option}: ${JSON.stringify(text)} must be a whole number from ${min} to ${max}`);
  }
  return Number(text);
}

/** One of a few words. */
export function readChoice<V extends string>(text: string, option: string, choices: readonly V[]): V {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${option}: ${JSON.stringify(text)} must be one of ${choices.join(", ")}`);
  return found;
}

/** An option whose value is one of a few words: help and completion show them, others are refused. */
export function choiceOption(flags: string, about: string, choices: readonly string[], byDefault?: string): Option {
  const option = new Option(flags, about).choices(choices).default(byDefault);
  return option.argParser((text) => readChoice(text, option.long!, choices));
}

/** An argument of the same kind. */
export function choiceArgument(name: string, about: string, choices: readonly string[]): Argument {
  const argument = new Argument(name, about).choices(choices);
  return argument.argParser((text) => readChoice(text, argument.name(), choices));
}
