import { existsSync } from "node:fs";
import { join } from "node:path";
import { plantInBerth } from "../garbage/plant-berth.ts";
import type { GarbagePlan } from "../garbage/plan.ts";
import { runCollector } from "./run-collector.ts";
import type { PlantedFolder, RunningServer } from "./server.ts";

/** Berth's folder with the plan in it. Served, it collects when it is told, and not by its own schedule. */
export async function plantedBerth(
  main: string,
  folder: string,
  signal: AbortSignal,
  plan: GarbagePlan,
  start: (more: readonly string[]) => Promise<RunningServer>,
): Promise<PlantedFolder> {
  const quiet = ["gc: { enabled: false }", "scrub: { enabled: false }", "snapshots: { every: off }"];
  {
    // Makes the database and the folders.
    await using first = await start(quiet);
    if (first.pid === undefined) throw new Error("Berth has no process");
  }
  await plantInBerth(join(folder, "data"), plan, signal);
  const blobs = join(folder, "data/storage/blobs/sha256");
  const args = [main, "gc", "--json", "--config", join(folder, "berth.yaml")];
  return {
    serve: () => start(quiet),
    collect: (ends) => runCollector(process.execPath, args, join(folder, "gc.txt"), ends),
    holds: ({ hex, number }) =>
      existsSync(join(blobs, hex.slice(0, 2), `${hex}.bench${String(number).padStart(7, "0")}`)),
  };
}
