import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { LogLine, LogQuery } from "#core/engine/output.ts";
import { logFiles, type LogFile } from "./log-files.ts";
import { createLogLines } from "./log-lines.ts";
import { createRecordReader } from "./log-records.ts";
import { openSame } from "./open-same.ts";
import { tailStart } from "./tail-start.ts";

const chunkSize = 64 * 1024;
/** Looks at the log at least this often, ms, where the watch should miss something. */
const interval = 1000;
/** Rotations that may come between looking for the beginning and opening it. */
const mostTries = 10;

/**
 * Lines of a log, through its rotations. What is kept in memory is one chunk and a begun line of each stream.
 * @param ended resolves when nothing is written any more; undefined: so it is already
 */
export async function* readLog(
  log: string,
  query: LogQuery,
  signal: AbortSignal,
  ended: Promise<unknown> | undefined,
): AsyncGenerator<LogLine> {
  // Watched before it is read: nothing falls between.
  const news = query.follow && ended !== undefined ? watchLog(log, query, signal, ended) : undefined;
  const { files, start, ...first } = await beginning(log, query);
  const joined = createLogLines(query, start?.skip ?? 0);
  /** Without follow: what was there at first, and no more, or a container that writes on would never let it end. */
  const last = news === undefined ? files.at(-1) : undefined;
  let records = createRecordReader();
  let { file, handle } = first;
  let offset = file?.inode === start?.inode ? (start?.offset ?? 0) : 0;
  const chunk = Buffer.alloc(chunkSize);
  try {
    for (;;) {
      signal.throwIfAborted();
      handle ??= file === undefined ? undefined : await openSame(log, file);
      // Asked before the end is read: after what follows nothing more is written to this one.
      const over = news?.over() ?? true;
      const next = await nextFile(log, file);
      for (;;) {
        const most = last !== undefined && last.inode === file?.inode ? last.size - offset : chunkSize;
        const read = await handle?.read(chunk, 0, Math.min(chunkSize, most), offset);
        if (read === undefined || read.bytesRead === 0) break;
        offset += read.bytesRead;
        for (const record of records(Buffer.from(chunk.subarray(0, read.bytesRead)))) {
          const line = joined.take(record);
          if (line !== undefined) yield line;
          else if (joined.past()) return;
        }
        signal.throwIfAborted();
      }
      if (next !== undefined && !(last !== undefined && last.inode === file?.inode)) {
        await handle?.close();
        handle = undefined;
        file = next;
        offset = 0;
        records = createRecordReader();
      } else if (over || news === undefined) break;
      else await news.wait();
    }
    yield* joined.rest();
  } finally {
    news?.close();
    await handle?.close();
  }
}

/** Where reading begins, opened: what is open isn't thrown away by a rotation. */
async function beginning(log: string, { tail }: LogQuery) {
  for (let tries = 0; ; tries++) {
    const files = await logFiles(log);
    const start = tail === undefined ? undefined : await tailStart(log, files, tail);
    const file = files.find(({ inode }) => inode === start?.inode) ?? files.at(0);
    const handle = file === undefined ? undefined : await openSame(log, file);
    if (handle !== undefined || file === undefined || tries === mostTries)
      return { files, start, file, handle };
  }
}

/** The file that came after this one; undefined: it is the newest. */
async function nextFile(log: string, file: LogFile | undefined): Promise<LogFile | undefined> {
  const files = await logFiles(log);
  const at = files.findIndex(({ inode }) => inode === file?.inode);
  // Thrown away while it was read: the oldest there is comes after it.
  return files[at + 1];
}

interface News {
  /** Nothing is written any more, or nobody wants it. */
  over(): boolean;
  wait(): Promise<void>;
  close(): void;
}

function watchLog(log: string, { until }: LogQuery, signal: AbortSignal, ended: Promise<unknown>): News {
  let changed = false;
  let over = false;
  let wake = () => {};
  const tell = () => {
    changed = true;
    wake();
  };
  const finish = () => {
    over = true;
    tell();
  };
  void ended.then(finish, finish);
  signal.addEventListener("abort", tell, { once: true });
  // The folder, for the file is another one after each rotation.
  const watcher = watchFolder(dirname(log), tell);
  const timer = setInterval(tell, interval);
  const left = until === undefined ? undefined : Number(until / 1_000_000n) - Date.now();
  const end = left === undefined ? undefined : setTimeout(finish, Math.min(Math.max(left, 0), 2 ** 31 - 1));
  return {
    over: () => over,
    async wait() {
      if (!changed && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      changed = false;
    },
    close() {
      watcher?.close();
      clearInterval(timer);
      clearTimeout(end);
      signal.removeEventListener("abort", tell);
    },
  };
}

/** Undefined: this machine has no more watches (fs.inotify); looking at intervals is enough then. */
function watchFolder(folder: string, tell: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, tell).on("error", () => undefined);
  } catch {
    return undefined;
  }
}
