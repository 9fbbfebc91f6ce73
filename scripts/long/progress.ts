/** How far a long run has come, kept outside the repository, so that it goes on where it was stopped, also with a later commit. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

interface Kept<T> {
  readonly totals: T;
  /** Rounds by the commit that they were run with. */
  readonly commits: Record<string, number>;
  seconds: number;
}

/** The totals of one long run. */
export class Progress<T> {
  private readonly path: string;
  private readonly commit: string;
  private readonly kept: Kept<T>;
  private sinceMs = performance.now();

  /** Takes up what an earlier run of the same name has kept, or begins with `none`. */
  constructor(name: string, none: T) {
    this.path = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "pulumi-flowlogs", "long", `${name}.json`);
    this.commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
    this.kept = this.read() ?? { totals: none, commits: {}, seconds: 0 };
  }

  get totals(): T {
    return this.kept.totals;
  }

  private read(): Kept<T> | undefined {
    try {
      return JSON.parse(readFileSync(this.path, "utf8")) as Kept<T>;
    } catch {
      // Nothing was kept, or nothing that can be read: the run begins anew.
      return undefined;
    }
  }

  /** A round was added to the totals. */
  keep(): void {
    const { kept, commit } = this;
    kept.commits[commit] = (kept.commits[commit] ?? 0) + 1;
    kept.seconds += (performance.now() - this.sinceMs) / 1000;
    this.sinceMs = performance.now();
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(`${this.path}.new`, JSON.stringify(kept));
    renameSync(`${this.path}.new`, this.path);
  }

  /** With which commits the rounds were run, and how long all took, in words. */
  get history(): string {
    const parts = Object.entries(this.kept.commits).map(([commit, rounds]) => `${rounds.toLocaleString("en")} with commit ${commit}`);
    return `Rounds: ${parts.join(", ")}; ${Math.round(this.kept.seconds)} s in all.`;
  }

  /** The run is over. */
  forget(): void {
    rmSync(this.path, { force: true });
  }
}
