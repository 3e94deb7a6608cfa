import { rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "./runs.ts";

/** How often sizes are looked at, ms. */
const interval = 1000;
/** The same of one that outgrew its size by far meanwhile. */
const soon = 100;
/** How long conmon may take to open the new file, ms. */
const patience = 5_000;

/** Keeps logs of running containers at their sizes: conmon's own rotation loses what was written. */
export function rotateLogs(
  runs: ReadonlyMap<string, Run>,
  logPath: (container: string) => string,
  report: (error: unknown, what: string) => void,
): Disposable {
  const busy = new Set<string>();
  let over = false;
  const timer = setInterval(() => {
    for (const run of runs.values()) {
      const { id, log } = run.launch;
      if (log.driver === "none" || log.maxSize <= 0 || run.ended || busy.has(id)) continue;
      busy.add(id);
      void keepUp(run)
        .catch((error: unknown) => report(error, `the log of container ${id} can't be rotated`))
        .finally(() => busy.delete(id));
    }
  }, interval).unref();
  async function keepUp(run: Run): Promise<void> {
    while ((await rotate(run, logPath(run.launch.id))) && !run.ended && !over) await sleep(soon);
  }

  return {
    [Symbol.dispose]() {
      over = true;
      clearInterval(timer);
    },
  };
}

/**
 * Renames, then has conmon open the name again: between the two it writes on into the renamed file, and nothing is lost.
 * Whether it came far too late.
 */
async function rotate({ launch: { log }, control }: Run, path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  // An engine that was killed between the two left it so.
  if (found === undefined) {
    await control.reopenLog();
    return false;
  }
  if (found.size < log.maxSize) return false;
  const kept = Math.max(1, log.maxFiles) - 1;
  // One file alone still lies beside the new one for a moment.
  for (let number = Math.max(kept, 1); number >= 1; number--) {
    const from = number === 1 ? path : `${path}.${number - 1}`;
    await rename(from, `${path}.${number}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  await control.reopenLog();
  const end = Date.now() + patience;
  while ((await stat(path).catch(() => undefined)) === undefined && Date.now() < end) await sleep(10);
  if (kept === 0) await rm(`${path}.1`, { force: true });
  return found.size >= 2 * log.maxSize;
}
