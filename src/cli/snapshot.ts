/** `flowlogs snapshot`: the whole cloud into a file, and back. */
import { randomBytes } from "node:crypto";
import { closeSync, createReadStream, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import type { Command } from "commander";
import { encodeSnapshotChunk } from "../backend/snapshot/intake.ts";
import { writeAll } from "../backend/traffic/descriptor.ts";
import type { Client } from "../client/client.ts";
import { CloudError } from "../client/errors.ts";
import { maxSnapshotChunkBytes } from "../wire/flowlogs.ts";
import { connectOptions, type ConnectOptions, withClient } from "./connect.ts";
import { Failed } from "./errors.ts";
import { clearProgress, grouped, say, showProgress, shownTime } from "./output.ts";

/** Adds the command. */
export function registerSnapshot(program: Command): void {
  const snapshot = program
    .command("snapshot")
    .description("Saves the whole cloud into a file, or puts a saved one in the place of the one that runs.")
    .addHelpText(
      "after",
      `
A snapshot holds everything but the key pair: resources, topics and their logs, open capture windows, tracked connections,
the time of a virtual clock. It is taken between two calls, while packets and calls come in.

Examples:
  flowlogs snapshot save before.flowlogs
  flowlogs snapshot load before.flowlogs`,
    );
  connectOptions(snapshot.command("save").argument("<file>", "the file to write; it is there whole or not at all"))
    .summary("save the cloud into a file")
    .description("Saves the whole cloud into a file.")
    .addHelpText("after", "\nExample:\n  flowlogs snapshot save before.flowlogs")
    .action((file: string, options: ConnectOptions) => withClient(options, (client) => save(client, file)));
  connectOptions(snapshot.command("load").argument("<file>", "a file that `flowlogs snapshot save` wrote"))
    .summary("put a saved cloud in the place of the one that runs")
    .description("Puts a saved cloud in the place of the one that runs: all of it, or nothing changes. What runs is gone then; save it first.")
    .addHelpText("after", "\nExamples:\n  flowlogs snapshot load before.flowlogs\n  flowlogs snapshot save now.flowlogs && flowlogs snapshot load before.flowlogs")
    .action((file: string, options: ConnectOptions) => withClient(options, (client) => load(client, file)));
}

async function save(client: Client, file: string): Promise<void> {
  // What is no plain file, a pipe say, is written to as it is.
  const isPlain = !existsSync(file) || statSync(file).isFile();
  const fresh = isPlain ? `${file}.new-${process.pid}` : file;
  const descriptor = openSync(fresh, "w", 0o600);
  let isWhole = false;
  try {
    const { bytes, pieces } = await client.saveSnapshot();
    let written = 0;
    for await (const piece of pieces) {
      writeAll(descriptor, piece);
      written += piece.length;
      showProgress(() => `${grouped(written)} of ${grouped(bytes)} bytes`);
    }
    clearProgress();
    if (written !== bytes) throw new Failed(`error: ${grouped(written)} of ${grouped(bytes)} bytes came`);
    if (isPlain) {
      fsyncSync(descriptor);
      renameSync(fresh, file);
    }
    isWhole = true;
    say(`saved to ${file}: ${grouped(bytes)} bytes`);
  } catch (error) {
    clearProgress();
    throw told(error, `nothing was written to ${file}`);
  } finally {
    closeSync(descriptor);
    if (isPlain && !isWhole) rmSync(fresh, { force: true });
  }
}

async function load(client: Client, file: string): Promise<void> {
  const { size } = statSync(file);
  const id = randomBytes(16).toString("hex");
  let sent = 0;
  try {
    for (let number = 0; ; number++) {
      const bytes = await pieceOf(file, sent);
      sent += bytes.length;
      const isLast = sent >= size || bytes.length === 0;
      showProgress(() => isLast ? "loading" : `${grouped(sent)} of ${grouped(size)} bytes`);
      const answer = await client.loadSnapshot(encodeSnapshotChunk({ id, number, isLast, bytes }));
      if (!isLast) continue;
      clearProgress();
      say(`loaded ${file}: ${answer.Topics} topics, the clock stands at ${shownTime(answer.NowMs!)}`);
      return;
    }
  } catch (error) {
    clearProgress();
    throw error instanceof CloudError && error.code !== "InternalError" ? new Failed(`error: ${file}: ${error.message}\nthe running cloud is as it was`) : error;
  }
}

/** The next piece of the file that makes one chunk. */
async function pieceOf(file: string, start: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(file, { start, end: start + maxSnapshotChunkBytes - 1 })) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** An error that says what became of the file too. */
function told(error: unknown, words: string): unknown {
  const isOfDisk = error instanceof Error && "code" in error && /^E[A-Z]+$/.test(String(error.code));
  return isOfDisk || error instanceof CloudError ? new Failed(`error: ${error.message}\n${words}`) : error;
}
