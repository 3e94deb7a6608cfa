import type { FileHandle } from "node:fs/promises";
import type { LogFile } from "./log-files.ts";
import { openSame } from "./open-same.ts";
import { parseRecord } from "./log-records.ts";

export interface TailStart {
  inode: number;
  offset: number;
  /** Whole lines that come before the last `count`. */
  skip: number;
}

const chunkSize = 64 * 1024;
/** Records before the last lines that are looked at for beginnings of one of them. */
const mostLooks = 64;

/**
 * Where the last `count` lines of both streams begin, read from the end backwards: what is before costs nothing.
 * @param files oldest first
 * @returns undefined: there are no more than that
 */
export async function tailStart(
  log: string,
  files: readonly LogFile[],
  count: number,
): Promise<TailStart | undefined> {
  const seen = new Set<string>();
  /** Streams that have one of the last lines, whose beginning wasn't seen yet. */
  const unbegun = new Set<string>();
  let lines = 0;
  let start: TailStart | undefined;
  let passed = 0;
  let looks = 0;

  /** @returns whether that's all. */
  function look(stream: string, full: boolean, inode: number, offset: number, end: number): boolean {
    const ends = full || !seen.has(stream);
    seen.add(stream);
    if (start === undefined) {
      if (ends && lines === count) {
        start = { inode, offset: end, skip: 0 };
        unbegun.delete(stream);
      } else {
        if (ends) {
          lines++;
          unbegun.add(stream);
        }
        return false;
      }
    }
    // The other stream's first line may have begun before.
    if (unbegun.has(stream)) {
      if (full) unbegun.delete(stream);
      else start = { inode, offset, skip: passed };
    }
    if (full) passed++;
    return unbegun.size === 0 || ++looks > mostLooks;
  }

  for (const file of files.toReversed()) {
    const handle = await openSame(log, file);
    if (handle === undefined) continue;
    try {
      for await (const { line, offset } of linesBackwards(handle, file.size)) {
        const record = parseRecord(line, 0, line.length);
        if (record === undefined) continue;
        if (look(record.stream, record.full, file.inode, offset, offset + line.length + 1)) return start;
      }
    } finally {
      await handle.close();
    }
  }
  return start;
}

/** Lines of a file from its last to its first; what comes after the last newline is left out. */
async function* linesBackwards(
  handle: FileHandle,
  size: number,
): AsyncGenerator<{ line: Buffer; offset: number }> {
  let tail: Buffer = Buffer.alloc(0);
  let ended = false;
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - chunkSize);
    const chunk = Buffer.alloc(end - from);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, from);
    // Cut off meanwhile.
    if (bytesRead < chunk.length) return;
    const bytes: Buffer = tail.length === 0 ? chunk : Buffer.concat([chunk, tail]);
    let after = bytes.length;
    for (
      let at = bytes.lastIndexOf(10, after - 1);
      at >= 0;
      at = after > 0 ? bytes.lastIndexOf(10, after - 1) : -1
    ) {
      if (ended) yield { line: bytes.subarray(at + 1, after), offset: from + at + 1 };
      ended = true;
      after = at;
    }
    // Without the newline that ends it.
    tail = Buffer.from(bytes.subarray(0, after));
    end = from;
    if (!ended) tail = Buffer.alloc(0);
  }
  if (ended) yield { line: tail, offset: 0 };
}
