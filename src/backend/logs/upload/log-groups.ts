/**
 * What clients upload: groups of logs, each log a time and values by key, each group with its source and file.
 *
 * Source: the message LogGroupList of UploadLog's page, and its limits.
 */
import type { Log } from "../log-store.ts";
import { type Field, fieldsOf, MalformedMessage } from "./protobuf.ts";

/** A log or group beyond a limit of the service. */
export class UploadTooLarge extends Error {
  override readonly name = "UploadTooLarge";
}

const maxGroups = 5;
const maxLogsOfGroup = 10_000;
const maxValueBytes = 1024 * 1024;
const maxGroupBytes = 5 * 1024 * 1024;

/** Most bytes of one upload before compression: its groups, and what holds them together. */
export const maxUploadBytes = maxGroups * (maxGroupBytes + 16);

/** The logs of an upload, in their order. */
export function readLogGroups(body: Uint8Array): Log[] {
  const groups = [...fieldsOf(body)].filter(({ number }) => number === 1).map((field) => field.bytes("LogGroup"));
  if (groups.length > maxGroups) throw new UploadTooLarge(`LogGroupList: ${groups.length} groups are more than ${maxGroups}`);
  return groups.flatMap(readGroup);
}

function readGroup(group: Uint8Array): Log[] {
  if (group.length > maxGroupBytes) throw new UploadTooLarge(`LogGroup: ${group.length} bytes are more than ${maxGroupBytes}`);
  const logs: Uint8Array[] = [];
  const tags: (readonly [string, string])[] = [];
  let [stream, source] = ["", ""];
  for (const field of fieldsOf(group)) {
    if (field.number === 1) logs.push(field.bytes("LogGroup.logs"));
    else if (field.number === 3) stream = field.text("LogGroup.filename");
    else if (field.number === 4) source = field.text("LogGroup.source");
    else if (field.number === 5) tags.push(readPair(field, "LogTag"));
  }
  if (logs.length > maxLogsOfGroup) throw new UploadTooLarge(`LogGroup.logs: ${logs.length} logs are more than ${maxLogsOfGroup}`);
  return logs.map((log) => ({ ...readLog(log), stream, source, tags: lastOfEach(tags) }));
}

function readLog(log: Uint8Array): Pick<Log, "timeMs" | "values"> {
  const values: (readonly [string, string])[] = [];
  let time: number | undefined;
  for (const field of fieldsOf(log)) {
    if (field.number === 1) time = field.integer("Log.time");
    else if (field.number === 2) values.push(readPair(field, "Log.contents"));
  }
  if (time === undefined) throw new MalformedMessage("Log.time: is missing");
  for (const [key] of values) {
    if (key === "" || key.startsWith("_")) throw new MalformedMessage(`Log.contents: the key ${JSON.stringify(key)} must not be empty nor start with _`);
  }
  return { timeMs: milliseconds(time), values: lastOfEach(values) };
}

function readPair(pair: Field, name: string): readonly [key: string, value: string] {
  let [key, value] = ["", ""];
  for (const field of fieldsOf(pair.bytes(name))) {
    if (field.number === 1) key = field.text(`${name}.key`);
    else if (field.number === 2) {
      const { length } = field.bytes(`${name}.value`);
      if (length > maxValueBytes) throw new UploadTooLarge(`${name}.value: ${length} bytes are more than ${maxValueBytes}`);
      value = field.text(`${name}.value`);
    }
  }
  return [key, value];
}

/** A key that comes again stands for its last value, at its first place. */
function lastOfEach(pairs: readonly (readonly [string, string])[]): Log["values"] {
  return [...new Map(pairs)];
}

/** Seconds, milliseconds or microseconds since 1970, told apart by their size as the API's page says, in milliseconds. */
function milliseconds(time: number): number {
  if (!(time > 0 && time < 1e17)) throw new MalformedMessage(`Log.time: ${time} must be seconds, milliseconds or microseconds since 1970`);
  if (time < 1e11) return time * 1000;
  return time < 1e14 ? time : Math.floor(time / 1000);
}
