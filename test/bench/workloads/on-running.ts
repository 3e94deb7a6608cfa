import { settleDisk } from "../disk.ts";
import { valueOf, type LoadResult, type Measurement, type Unit } from "../measurement.ts";
import { watchMemory } from "../memory.ts";
import type { RunningServer } from "../servers/server.ts";
import type { Bout, Work } from "./workload.ts";

/** Starts the bout's server, works with it, and ends it whatever happens. */
export async function onRunning(bout: Bout, work: Work): Promise<Measurement[]> {
  await using running = await bout.server.start(bout.folder, bout.signal);
  return await work(running);
}

/** Runs a load (its warm-up too) while the server's memory is sampled. */
export async function measured(
  bout: Bout,
  running: RunningServer,
  unit: Unit,
  load: () => Promise<LoadResult>,
): Promise<Measurement> {
  await settleDisk(bout.signal);
  const watch = running.pid === undefined ? undefined : watchMemory(running.pid);
  let memory;
  let result;
  try {
    result = await load();
  } finally {
    memory = watch?.stop();
  }
  if (result.operations === 0 && unit !== "MB/s")
    throw new Error("no request was answered in the time given");
  const { operations, bytes, seconds, p50, p99 } = result;
  return {
    value: valueOf(result, unit),
    load: { operations, bytes, seconds, p50, p99 },
    ...(memory === undefined ? {} : { memory }),
  };
}
