import { untilGone } from "../garbage/until-gone.ts";
import { watchMemory } from "../memory.ts";
import { garbageOnDisk, settle } from "./collect.ts";
import type { Workload } from "./workload.ts";

/** Garbage collection while no server runs, as Distribution wants it: how long until all is gone, and what that takes. */
export const collectAlone: Workload = {
  rows: [
    { name: "gc-alone", title: "garbage collection, no server running: until all is gone", unit: "s" },
    {
      name: "gc-alone-memory",
      title: "garbage collection, no server running: peak memory (PSS)",
      unit: "MB",
    },
  ],
  leavesOut: (server) => (server.plant === undefined ? "has no garbage collection to measure" : undefined),
  disk: garbageOnDisk,
  async measure(bout) {
    const { server, folder, settings, signal } = bout;
    const planted = await server.plant?.(folder, signal, settings.garbage);
    if (planted === undefined) return [];
    await settle(bout);
    const begun = performance.now();
    const collecting = planted.collect(signal);
    const watched = watchMemory(collecting.pid);
    let memory: ReturnType<typeof watched.stop>;
    try {
      await collecting.done;
    } finally {
      memory = watched.stop();
    }
    await untilGone(planted, settings.garbage, signal);
    const seconds = (performance.now() - begun) / 1000;
    if (memory === undefined) throw new Error("the command ended before its memory could be read");
    return [{ value: seconds }, { value: memory.pss / 1e6, memory }];
  },
};
