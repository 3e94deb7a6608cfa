import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { median } from "../statistics.ts";
import { watchMemory } from "../memory.ts";
import { mebibyte } from "../settings.ts";
import type { Workload } from "./workload.ts";

/** Spawn to the first 200 on /v2/, each time in an empty folder; the median of five. */
export const start: Workload = {
  rows: [{ name: "start", title: "start to ready", unit: "ms" }],
  leavesOut: (server) => (server.kind === "running" ? "is running already" : undefined),
  disk: () => 64 * mebibyte,
  async measure({ server, folder, settings, signal }) {
    const times: number[] = [];
    let memory;
    for (let i = 0; i < settings.starts; i++) {
      const place = join(folder, String(i));
      await mkdir(place);
      await using running = await server.start(place, signal);
      times.push(running.readyAfter);
      if (running.pid !== undefined) memory = watchMemory(running.pid).stop();
    }
    return [{ value: median(times), ...(memory === undefined ? {} : { memory }) }];
  },
};
