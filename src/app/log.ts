import pino, { type Logger } from "pino";
import type { Config } from "#config/config.ts";
import { createRecentErrors, type RecentErrors } from "./recent-errors.ts";

export interface Log extends Disposable {
  log: Logger;
  /** Writes out what waits; before the process ends, or when somebody waits for a line. */
  flush(): void;
}

/** Lines wait for so many bytes or so long, so that a busy server pays one write for many requests. */
const bufferBytes = 8 * 1024;
const flushEvery = 250;

/** As pino counts levels: errors, and what is worse. */
const errorLevel = 50;

/** What each log of this process said last; by the log, which goes through many hands. */
const ofLogs = new WeakMap<Logger, RecentErrors>();

/** The newest errors that this log was told, newest last. */
export function recentErrorsOf(log: Logger): { at: number; message: string }[] {
  return ofLogs.get(log)?.now() ?? [];
}

/** JSON lines on standard output. */
export function createLog(config: Config["log"]): Log {
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: bufferBytes,
    periodicFlush: flushEvery,
  });
  // A reader that went away (a closed pipe) must not end the registry.
  destination.on("error", () => undefined);
  const recent = createRecentErrors();
  const log = pino(
    {
      level: config.level,
      base: { pid: process.pid },
      hooks: {
        logMethod(args, method, level) {
          if (level >= errorLevel) recent.note(args);
          method.apply(this, args);
        },
      },
    },
    destination,
  );
  ofLogs.set(log, recent);
  const flush = () => {
    try {
      destination.flushSync();
    } catch {
      // Nothing can be said any more about output that can't be written.
    }
  };
  return { log, flush, [Symbol.dispose]: flush };
}
