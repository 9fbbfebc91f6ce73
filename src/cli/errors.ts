/** How a command ends: its exit code, and what it says when it fails. */
import { CommanderError } from "commander";
import { LedgerInUse, UnknownLedger } from "../backend/ledger.ts";
import { CaptureError } from "../backend/traffic/capture-file.ts";
import { CloudError, Unreachable } from "../client/errors.ts";
import { NoCredentials } from "../client/local.ts";
import { say } from "./output.ts";

/** The exit codes of every command. */
export const ExitCode = {
  fine: 0,
  /** A check failed, or the operation did. */
  failed: 1,
  wrongUsage: 2,
  unreachable: 3,
} as const;

/** The command was called wrongly: says which option and value, and what would be right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command did its work and the answer is no; what there is to say has been said. */
export class Failed extends Error {
  override readonly name = "Failed";
}

const expected = [CloudError, NoCredentials, CaptureError, LedgerInUse, UnknownLedger];

/** Says what went wrong and gives the exit code; a bug is thrown on, with its stack. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.fine : ExitCode.wrongUsage;
  if (error instanceof Failed) {
    if (error.message !== "") say(error.message);
    return ExitCode.failed;
  }
  if (error instanceof UsageError) {
    say(`error: ${error.message}`);
    return ExitCode.wrongUsage;
  }
  if (error instanceof Unreachable) {
    say(`error: ${error.message}`);
    return ExitCode.unreachable;
  }
  if (expected.some((kind) => error instanceof kind) || isSystemError(error)) {
    say(`error: ${(error as Error).message}`);
    return ExitCode.failed;
  }
  throw error;
}

/** An error of the operating system, such as a file that is not there. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code);
}
