import pino, { type Logger } from "pino";
import type { Config } from "#config/config.ts";

export interface Log extends Disposable {
  log: Logger;
  /** Writes out what waits; before the process ends, or when somebody waits for a line. */
  flush(): void;
}

/** Lines wait for so many bytes or so long, so that a busy server pays one write for many requests. */
const bufferBytes = 8 * 1024;
const flushEvery = 250;

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
  const log = pino({ level: config.level, base: { pid: process.pid } }, destination);
  const flush = () => {
    try {
      destination.flushSync();
    } catch {
      // Nothing can be said any more about output that can't be written.
    }
  };
  return { log, flush, [Symbol.dispose]: flush };
}
