import { readdir } from "node:fs/promises";
import { takeAway } from "./adopt.ts";
import { conmonProcesses } from "./conmon-processes.ts";
import type { MonitoredRuntime } from "#core/engine/monitored-runtime.ts";
import type { Places } from "./places.ts";

/**
 * Ends and removes containers that nobody knows, whatever step of theirs a crash fell into.
 */
export async function sweepAll(
  known: ReadonlySet<string>,
  places: Places,
  runtime: MonitoredRuntime,
): Promise<void> {
  const watchers = conmonProcesses(runtime.facts.root);
  const ids = new Set([
    ...watchers.map(({ container }) => container),
    ...(await runtime.list()),
    ...(await readdir(places.containers)),
    // conmon writes the record beside its place, and renames it.
    ...(await readdir(places.exits)).map((name) => name.replace(/\.[A-Za-z0-9]{6}$/, "")),
  ]);
  for (const id of ids) {
    if (known.has(id) || !/^[A-Za-z0-9]/.test(id) || id.startsWith("probe-")) continue;
    await takeAway(
      id,
      places,
      runtime,
      watchers.filter(({ container }) => container === id),
    );
  }
  await runtime.sweep(known);
}
