/** A live network interface as a capture: what tcpdump writes while it runs. */
import { spawn } from "node:child_process";
import { CaptureError } from "../backend/traffic/capture-error.ts";
import { type CaptureReading, readCapture } from "../backend/traffic/capture-file.ts";

/**
 * Captures from an interface until the user interrupts, or tcpdump ends. What travels to and from `ownPort` is left out:
 * offering packets to the backend would make packets without end.
 */
export function captureInterface(name: string, ownPort: number): CaptureReading {
  if (!/^[\w.:@-]{1,64}$/.test(name) || name.startsWith("-")) {
    throw new CaptureError(`--interface: ${JSON.stringify(name)} is not the name of a network interface`);
  }
  return readCapture(tcpdump(name, ownPort), name);
}

/** What tcpdump captures, as it comes: packets go out one by one (-U), names are not looked up. */
async function* tcpdump(name: string, ownPort: number): AsyncGenerator<Uint8Array> {
  const flags = ["-i", name, "-n", "-U", "--immediate-mode", "-w", "-", "not", "port", String(ownPort)];
  const child = spawn("tcpdump", flags, { stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (words += text));
  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ENOENT" ? "tcpdump is not installed" : error.message));
    child.once("close", (code) => resolve(code ?? 0));
  });
  // tcpdump ends when the user interrupts, and so does the capture: the summary still comes.
  const interrupt = () => child.kill("SIGINT");
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const outcome = await ended;
    if (typeof outcome === "string") throw new CaptureError(`${name}: ${outcome}`);
    if (outcome !== 0) throw new CaptureError(`${name}: tcpdump ended with ${outcome}: ${lastLine(words)}`);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    if (child.exitCode === null) child.kill("SIGTERM");
  }
}

function lastLine(words: string): string {
  return words.trim().split("\n").at(-1) ?? "";
}
