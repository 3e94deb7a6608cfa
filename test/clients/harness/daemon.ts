import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../find-program.ts";
import { leftovers } from "./leftovers.ts";
import type { Workplace } from "./workplace.ts";

/** Starts a daemon, waits until `ready` no longer throws, and ends it by its pid when it is disposed. */
export async function startDaemon(
  work: Workplace,
  name: string,
  args: readonly string[],
  ready: () => Promise<unknown>,
): Promise<AsyncDisposable> {
  const logPath = join(work.path, `${name}.log`);
  const log = openSync(logPath, "w");
  const child = spawn(findProgram(name) ?? name, args, {
    cwd: work.path,
    env: { ...work.env, PATH: `${work.env.PATH}:/usr/sbin:/sbin` },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  leftovers.pids.add(pid);
  const ended = once(child, "exit").then(() => leftovers.pids.delete(pid));

  const stop = async () => {
    child.kill("SIGTERM");
    const patience = new AbortController();
    const late = sleep(15_000, true, { signal: patience.signal }).catch(() => false);
    if ((await Promise.race([ended.then(() => false), late])) === true) child.kill("SIGKILL");
    patience.abort();
    await ended;
  };

  for (let attempt = 1; ; attempt++) {
    try {
      await ready();
      return { [Symbol.asyncDispose]: stop };
    } catch (cause) {
      const gone = child.exitCode !== null || child.signalCode !== null;
      if (!gone && attempt < 150) {
        await sleep(200);
        continue;
      }
      await stop();
      const said = readFileSync(logPath, "utf8").slice(-4000);
      throw new Error(`${name} ${gone ? "ended" : "didn't get ready"}:\n${said}`, { cause });
    }
  }
}
