/**
 * Brings what was written to a file onto the disk, beside this thread: a disk may take its time, and requests that ask
 * for nothing of it are answered meanwhile.
 */
import { closeSync, fdatasync, openSync } from "node:fs";

/** A file that is brought onto the disk. */
export class DiskSync {
  private readonly file: number;
  private waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  private isWorking = false;
  private isClosed = false;

  constructor(path: string) {
    this.file = openSync(path, "r+");
  }

  /** Resolves when all that was written before it was asked is on disk; who asks while the disk works shares the next turn. */
  onDisk(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (!this.isWorking) this.work();
    });
  }

  private work(): void {
    const served = this.waiting;
    this.waiting = [];
    this.isWorking = true;
    fdatasync(this.file, (error) => {
      for (const { resolve, reject } of served) {
        if (error === null) resolve();
        else reject(error);
      }
      this.isWorking = false;
      if (this.waiting.length > 0) this.work();
      else if (this.isClosed) closeSync(this.file);
    });
  }

  /** Lets go of the file when those who asked have been served. */
  close(): void {
    this.isClosed = true;
    if (!this.isWorking) closeSync(this.file);
  }
}
