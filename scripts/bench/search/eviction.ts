/** Cold files: what the system holds of them in memory is given up. */
import { execFileSync } from "node:child_process";

const program = `
import os, sys
def evict(path):
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)
for folder in sys.argv[1:]:
    if os.path.isfile(folder):
        evict(folder)
    for place, _, names in os.walk(folder):
        for name in names:
            evict(os.path.join(place, name))
`;

/** Evicts all files below these folders from the page cache. */
export function evict(...folders: readonly string[]): void {
  execFileSync("python3", ["-c", program, ...folders]);
}
