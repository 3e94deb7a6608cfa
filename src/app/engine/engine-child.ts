/**
 * The engine as a process of its own beside `berth serve`: started again when it dies, later each time. Its death, and
 * this process's, leave containers alone: their monitors keep them until an engine is there again.
 */
import type { ChildProcess } from "node:child_process";
import type { Logger } from "pino";
import { startBerth, stopBerth, type BerthProcess } from "./berth-process.ts";

export interface EngineChildParts {
  args: BerthProcess["args"];
  env: BerthProcess["env"];
  log: Logger;
  /** ms; tests have shorter ones. */
  firstPause?: number;
}

const usualPause = 1_000;
const longestPause = 60_000;
/** One that lived for so long (ms) had no trouble to start. */
const settled = 60_000;
const grace = 20_000;

export interface EngineChild extends AsyncDisposable {
  /** Has it read its configuration again. */
  reload(): void;
}

/** Runs it until disposed, which stops the engine and no container. */
export function startEngineChild({ args, env, log, firstPause = usualPause }: EngineChildParts): EngineChild {
  let pause = firstPause;
  let stopping = false;
  let waiting: NodeJS.Timeout | undefined;
  let child: ChildProcess | undefined;

  function start(): void {
    const since = Date.now();
    const started = startBerth({ args, env, apart: true });
    child = started;
    started.once("error", (err) => again(started, since, { err }));
    started.once("exit", (code, signal) => again(started, since, { code, signal }));
  }

  function again(ended: ChildProcess, since: number, why: object): void {
    if (stopping || child !== ended) return;
    child = undefined;
    if (Date.now() - since > settled) pause = firstPause;
    log.error({ ...why, pause }, "the engine ended; it is started again. berth doctor says what it may lack");
    waiting = setTimeout(start, pause);
    pause = Math.min(2 * pause, longestPause);
  }

  start();
  return {
    reload: () => void child?.kill("SIGHUP"),
    async [Symbol.asyncDispose]() {
      stopping = true;
      clearTimeout(waiting);
      if (child !== undefined) await stopBerth(child, grace);
    },
  };
}
