/** How a command ends: its exit code, and what it says when it fails. */
import { CommanderError } from "commander";
import { Unreachable } from "../client/errors.ts";
import { Failed, UsageError } from "./errors.ts";
import { say } from "./output.ts";

/** The exit codes of every command. */
export const ExitCode = {
  fine: 0,
  /** A check failed, or the operation did. */
  failed: 1,
  wrongUsage: 2,
  unreachable: 3,
} as const;

/** Says what went wrong and gives the exit code; a bug is thrown on, with its stack. */
export async function exitCodeOf(error: unknown): Promise<number> {
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
  const { StoreFailure, StoreUnreachable } = await import("../backend/logs/log-store.ts");
  if (error instanceof StoreFailure) {
    say(`error: ${error.message}`);
    return error instanceof StoreUnreachable ? ExitCode.unreachable : ExitCode.failed;
  }
  if (isSystemError(error) || (await isExpected(error))) {
    say(`error: ${(error as Error).message}`);
    return ExitCode.failed;
  }
  throw error;
}

/** An error that the rooms speak of in words meant for a person. They are loaded only now, when there is an error. */
async function isExpected(error: unknown): Promise<boolean> {
  const kinds = await Promise.all([
    import("../client/errors.ts").then(({ CloudError }) => CloudError),
    import("../client/local.ts").then(({ NoCredentials }) => NoCredentials),
    import("../backend/traffic/capture-error.ts").then(({ CaptureError }) => CaptureError),
    import("../backend/packet-loop/module.ts").then(({ LoopMemoryFull }) => LoopMemoryFull),
    import("../pulumi/stack-state.ts").then(({ StateUnreadable }) => StateUnreadable),
    import("../backend/ledger.ts").then(({ LedgerError }) => LedgerError),
    import("../backend/main.ts").then(({ DataMissing }) => DataMissing),
    import("../backend/logs/log-store.ts").then(({ StoreFailure }) => StoreFailure),
  ]);
  return kinds.some((kind) => error instanceof kind);
}

/** An error of the operating system, such as a file that is not there. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code);
}
