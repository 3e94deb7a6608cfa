import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Orders to one conmon, through its fifo. */
export interface Control {
  resize(rows: number, columns: number): Promise<void>;
  /** Opens the log's file again. */
  reopenLog(): Promise<void>;
}

/** conmon before 2.2.0 that reads two lines at once obeys the first one twice. */
const apart = 25;
/** A busy machine brings two lines together all the same: the last size is said again, ms after it. The same one does nothing. */
const again = [100, 500, 2_000];

/** @param folder where the fifo `ctl` lies */
export function createControl(folder: string): Control {
  let free = 0;
  let tail = Promise.resolve();
  let size: string | undefined;
  let last: string | undefined;

  /** In the order of the calls, one at a time. @returns undefined: it went out of date meanwhile. */
  function send(text: () => string | undefined): Promise<void> {
    tail = tail.then(async () => {
      const line = text();
      if (line === undefined) return;
      const wait = free - performance.now();
      if (wait > 0) await sleep(wait);
      write(join(folder, "ctl"), line);
      free = performance.now() + apart;
    });
    const mine = tail;
    tail = tail.catch(() => undefined);
    return mine;
  }

  function repeat(line: string): void {
    last = line;
    for (const time of again)
      setTimeout(() => {
        if (last === line && size === undefined) send(() => line).catch(() => undefined);
      }, time).unref();
  }

  return {
    resize(rows, columns) {
      size = `1 ${rows} ${columns}\n`;
      return send(() => {
        const newest = size;
        size = undefined;
        if (newest !== undefined) repeat(newest);
        return newest;
      });
    },
    reopenLog: () => send(() => "2 0 0\n"),
  };
}

/** Nobody reads it any more: nothing happens. */
function write(fifo: string, line: string): void {
  let fd: number;
  try {
    fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENXIO" || code === "ENOENT") return;
    throw error;
  }
  try {
    writeSync(fd, line);
  } finally {
    closeSync(fd);
  }
}
