/**
 * Brings what was written to a file onto the disk, beside this thread: a disk may take its time, and requests that ask
 * for nothing of it are answered meanwhile.
 *
 * A disk that loses what it took cannot be worked with: then the process ends, and nobody is told what is not there.
 */
import { closeSync, fdatasync, fsyncSync, openSync } from "node:fs";

/** A file that is brought onto the disk. */
export class DiskSync {
  private readonly file: number;
  private waiting: (() => void)[] = [];
  private isWorking = false;
  private isClosed = false;

  constructor(path: string) {
    this.file = openSync(path, "r+");
  }

  /** Resolves when all that was written before it was asked is on disk; who asks while the disk works shares the next turn. */
  onDisk(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (!this.isWorking) this.work();
    });
  }

  private work(): void {
    const served = this.waiting;
    this.waiting = [];
    this.isWorking = true;
    fdatasync(this.file, (error) => {
      if (error !== null) throw error;
      for (const resolve of served) resolve();
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

/** Brings a file, or which files a folder has, onto the disk while this thread waits: where nobody is to be answered meanwhile. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
