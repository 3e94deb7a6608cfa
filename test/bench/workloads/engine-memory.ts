import { setTimeout as delay } from "node:timers/promises";
import type { PeakMemory } from "../measurement.ts";
import { readRollup } from "../memory.ts";
import { processesOn } from "../servers/host-processes.ts";
import type { RunningEngine } from "../servers/engine.ts";
import { mebibyte } from "../settings.ts";
import { median } from "../statistics.ts";
import { image, needsEngine, onEngine, prepareEngine, type Engine } from "./on-engine.ts";
import type { Workload } from "./workload.ts";

const samples = 5;
const firstPort = 18_100;

/**
 * What a container costs that does nothing, but for its own process: how much everything on the engine's host
 * (engine, monitors, shims, proxies) takes more with 20 of them than with none, shared out.
 */
export const engineMemory: Workload = {
  rows: [{ name: "engine-idle-memory", title: "memory per idle container with a port (PSS)", unit: "MB" }],
  leavesOut: needsEngine,
  prepare: prepareEngine,
  disk: () => 64 * mebibyte,
  measure: (bout) =>
    onEngine(bout, async (engine) => {
      const { containers, warmup } = bout.settings;
      // What is loaded once, with the first container, isn't a container's.
      const first = await start(engine, firstPort);
      await engine.docker("rm", "-f", first);
      const settled = async () => {
        await delay(warmup * 1000, undefined, { signal: bout.signal });
        return await memoryOn(engine.running);
      };
      const before = await settled();
      for (let i = 0; i < containers; i++) await start(engine, firstPort + i);
      const after = await settled();
      const running = (await engine.docker("ps", "-q")).trim().split("\n").length;
      if (running !== containers) throw new Error(`${running} of ${containers} containers run`);
      return [{ value: (after.pss - before.pss) / containers / 1e6, memory: after }];
    }),
};

async function start(engine: Engine, port: number): Promise<string> {
  const id = await engine.docker("run", "-d", "-p", `${port}:80`, image, "sleep", "3600");
  return id.trim();
}

/** Medians of a second. */
async function memoryOn({ host }: RunningEngine): Promise<PeakMemory> {
  const sums: PeakMemory[] = [];
  for (let i = 0; i < samples; i++) {
    await delay(1000 / samples);
    const all = processesOn(host).map(readRollup);
    const sum = (pick: "pss" | "rss") => all.reduce((total, one) => total + one[pick], 0);
    sums.push({ pss: sum("pss"), rss: sum("rss"), processes: all.length });
  }
  const over = (pick: keyof PeakMemory) => median(sums.map((sum) => sum[pick]));
  return { pss: over("pss"), rss: over("rss"), processes: over("processes") };
}
