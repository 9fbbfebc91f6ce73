/** Cold files: what the system holds of them in memory is given up. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/** Evicts what is below each folder that it reads the name of, and says so; a file is synced first if it has changed. */
const program = `
import os, sys
synced = {}
def evict(path):
    file = os.open(path, os.O_RDONLY)
    changed = os.fstat(file).st_mtime_ns
    if synced.get(path) != changed:
        os.fsync(file)
        synced[path] = changed
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)
for line in sys.stdin:
    folder = line.rstrip("\\n")
    if os.path.isfile(folder):
        evict(folder)
    for place, _, names in os.walk(folder):
        for name in names:
            evict(os.path.join(place, name))
    os.write(1, b".")
`;

/** The process that evicts; it ends with this one, which does not wait for it. */
let helper: { readonly child: ChildProcess; readonly input: Socket; readonly output: Socket } | undefined;

function started() {
  const child: ChildProcess = spawn("python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
  const [input, output] = [child.stdin as Socket, child.stdout as Socket];
  child.unref();
  input.unref();
  output.unref();
  return { child, input, output };
}

/** Evicts a file, or all files below a folder, from the page cache. */
export async function evict(path: string): Promise<void> {
  const { child, input, output } = (helper ??= started());
  // Nothing else keeps this process from ending meanwhile.
  const waiting = setInterval(() => {}, 1000);
  await new Promise<void>((resolve, reject) => {
    const fail = (code: number | null) => reject(new Error(`the eviction of ${path} ended with ${code}`));
    child.once("exit", fail);
    output.once("data", () => {
      child.off("exit", fail);
      resolve();
    });
    input.write(`${path}\n`);
  }).finally(() => clearInterval(waiting));
}
