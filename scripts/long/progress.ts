/** How far a long run has come, kept in a file, so that it goes on where it was stopped. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

interface Kept<T> {
  readonly commit: string;
  readonly totals: T;
}

/** The totals of one long run of one commit. */
export class Progress<T> {
  readonly totals: T;
  private readonly path: string;
  private readonly commit: string;

  /** Takes up what an earlier run of the same name and commit has kept, or begins with `none`. */
  constructor(name: string, none: T) {
    this.path = fileURLToPath(new URL(`../../.flowlogs/long/${name}.json`, import.meta.url));
    this.commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
    const kept = this.kept();
    this.totals = kept?.commit === this.commit ? kept.totals : none;
  }

  private kept(): Kept<T> | undefined {
    try {
      return JSON.parse(readFileSync(this.path, "utf8")) as Kept<T>;
    } catch {
      // Nothing was kept, or only half of it: the run begins anew.
      return undefined;
    }
  }

  keep(): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, JSON.stringify({ commit: this.commit, totals: this.totals }));
  }

  /** The run is over. */
  forget(): void {
    rmSync(this.path, { force: true });
  }
}
