import { rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "./runs.ts";

/** How often sizes are looked at, ms. */
const interval = 1000;
/** How long conmon may take to open the new file, ms. */
const patience = 5_000;

/** Keeps logs of running containers at their sizes: conmon's own rotation loses what was written. */
export function rotateLogs(
  runs: ReadonlyMap<string, Run>,
  logPath: (container: string) => string,
  report: (error: unknown, what: string) => void,
): Disposable {
  const busy = new Set<string>();
  const timer = setInterval(() => {
    for (const run of runs.values()) {
      const { id, log } = run.launch;
      if (log.driver === "none" || log.maxSize <= 0 || run.ended || busy.has(id)) continue;
      busy.add(id);
      void rotate(run, logPath(id))
        .catch((error: unknown) => report(error, `the log of container ${id} can't be rotated`))
        .finally(() => busy.delete(id));
    }
  }, interval).unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
    },
  };
}

/** Renames, then has conmon open the name again: between the two it writes on into the renamed file, and nothing is lost. */
async function rotate({ launch: { log }, control }: Run, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // An engine that was killed between the two left it so.
  if (found === undefined) return control.reopenLog();
  if (found.size < log.maxSize) return;
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
}
