import fs from "node:fs";
import { closeFile, openFile, readFile } from "./file-calls.ts";

/** A file open for reading that can't be closed under a read: a queued read would hit another file's bytes. */
export interface OpenFile {
  /** When it was opened. */
  readonly size: number;
  /** False for a folder, a socket and the like. */
  readonly regular: boolean;
  /** Reads `length` bytes at `position` into the beginning of `buffer`; fewer only at the file's end. */
  fill(buffer: Buffer, length: number, position: number): Promise<number>;
  /** Waits for reads under way, then closes. May be called again. */
  close(): Promise<void>;
}

export async function openForReading(path: string): Promise<OpenFile> {
  return readable(await openFile(path, "read"));
}

/** Reads from an open descriptor, which is closed with it, also when this throws. */
export async function readable(fd: number): Promise<OpenFile> {
  let stats: fs.Stats;
  try {
    stats = fs.fstatSync(fd);
  } catch (error) {
    await closeFile(fd).catch(() => undefined);
    throw error;
  }
  let reads = 0;
  let closed: Promise<void> | undefined;
  let lastReadDone: (() => void) | undefined;

  async function close(): Promise<void> {
    if (reads > 0) await new Promise<void>((resolve) => (lastReadDone = resolve));
    await closeFile(fd);
  }

  return {
    size: stats.size,
    regular: stats.isFile(),
    async fill(buffer, length, position) {
      if (closed !== undefined) throw new Error("the file was closed before it was read to the end");
      reads++;
      try {
        let filled = 0;
        while (filled < length) {
          const count = await readFile(fd, buffer, filled, length - filled, position + filled);
          if (count === 0) break;
          filled += count;
        }
        return filled;
      } finally {
        reads--;
        if (reads === 0) lastReadDone?.();
      }
    },
    close: () => (closed ??= close()),
  };
}
