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

/** @param folder where the fifo `ctl` lies */
export function createControl(folder: string): Control {
  let free = 0;
  let tail = Promise.resolve();
  let size: string | undefined;

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

  return {
    resize(rows, columns) {
      size = `1 ${rows} ${columns}\n`;
      return send(() => {
        const newest = size;
        size = undefined;
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
