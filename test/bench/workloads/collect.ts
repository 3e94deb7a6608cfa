import { setTimeout as delay } from "node:timers/promises";
import { pushLoad } from "../load/clients.ts";
import { blobAt, garbageFrom } from "../garbage/plan.ts";
import type { Measurement, PeakMemory } from "../measurement.ts";
import { watchMemory } from "../memory.ts";
import type { PlantedServer } from "../servers/server.ts";
import type { Bout, Workload } from "./workload.ts";

/** Bytes that a planted blob takes with its names and rows. */
const each = 10_000;
/** ms; a server that hasn't removed it all by then never will. */
const patience = 3_600_000;
const lookEvery = 1_000;

/**
 * Garbage collection in a registry of many small blobs: how long until what nothing names is gone, what it takes, and
 * what pushes feel of it. Distribution collects while nobody pushes.
 */
export const collect: Workload = {
  rows: [
    { name: "gc-decide", title: "garbage collection: until the command ends", unit: "s" },
    { name: "gc-gone", title: "garbage collection: until the last byte is gone", unit: "s" },
    { name: "gc-memory", title: "garbage collection: peak memory (PSS), server and command", unit: "MB" },
    { name: "gc-idle-push", title: "push 10 KiB before it, c=2, p99", unit: "ms" },
    { name: "gc-push", title: "push 10 KiB meanwhile, c=2, p99", unit: "ms" },
  ],
  leavesOut: (server) =>
    server.startPlanted === undefined ? "has no garbage collection to measure" : undefined,
  disk: ({ garbage }) => (garbage.blobs + garbage.manifests) * each,
  async measure(bout) {
    const { server, folder, settings, signal } = bout;
    if (server.startPlanted === undefined) return [];
    await using running = await server.startPlanted(folder, signal, settings.garbage);
    // What was written for the plan is on the disk before anything is measured.
    await settle(bout);
    const idle = running.online ? await push(bout, running, "idle", settings.seconds * 5) : undefined;

    const begun = performance.now();
    const since = () => (performance.now() - begun) / 1000;
    const memories = [watchMemory(running.pid ?? 0)];
    let [decided, gone] = [0, 0];
    let meanwhile: number[] = [];
    let peaks: (PeakMemory | undefined)[];
    try {
      const collecting = running.collect(signal);
      memories.push(watchMemory(collecting.pid));
      const ended = collecting.done.then(() => void (decided = since()));
      if (running.online) meanwhile = await pushUntil(bout, running, ended);
      await ended;
      await untilGone(bout, running);
      gone = since();
    } finally {
      peaks = memories.map((one) => one.stop());
    }
    const memory = sum(peaks);
    const measured: Measurement[] = [
      { value: decided },
      { value: gone },
      { value: memory.pss / 1e6, memory },
    ];
    if (idle === undefined) return measured;
    return [...measured, { value: idle }, { value: Math.max(...meanwhile) }];
  },
};

async function settle({ settings, signal }: Bout): Promise<void> {
  await delay(settings.quick ? 100 : 10_000, undefined, { signal });
}

/** @returns p99, ms */
async function push(bout: Bout, running: PlantedServer, name: string, seconds: number): Promise<number> {
  const { host, port } = running;
  const kind = "small" as const;
  const repository = `${bout.repository}-${name}`;
  const job = {
    host,
    port,
    kind,
    repository,
    connections: 2,
    size: 10 * 1024,
    warmup: 0.2,
    seconds,
    most: 1e6,
  };
  return (await pushLoad(job, bout.signal)).p99;
}

/** Pushes of some seconds each, until it is over; the p99 of each. */
async function pushUntil(bout: Bout, running: PlantedServer, ended: Promise<unknown>): Promise<number[]> {
  let over = false;
  void ended.then(
    () => (over = true),
    () => (over = true),
  );
  const found: number[] = [];
  do found.push(await push(bout, running, `during-${found.length}`, bout.settings.seconds * 5));
  while (!over);
  return found;
}

/** The garbage is looked for in a sample until nothing of it is there. */
async function untilGone({ settings, signal }: Bout, running: PlantedServer): Promise<void> {
  const { garbage } = settings;
  const from = garbageFrom(garbage);
  const step = Math.max(1, Math.floor((garbage.blobs - from) / 2_000));
  let left: number[] = [];
  for (let number = from; number < garbage.blobs; number += step) left.push(number);
  const until = performance.now() + patience;
  for (;;) {
    left = left.filter((number) => running.holds({ number, hex: blobAt(number).hex }));
    if (left.length === 0) break;
    if (performance.now() > until) throw new Error(`${left.length} of the sampled garbage is still there`);
    await delay(lookEvery, undefined, { signal });
  }
  for (let number = 0; number < from; number += step)
    if (!running.holds({ number, hex: blobAt(number).hex }))
      throw new Error(`blob ${number} is named and gone`);
}

function sum(peaks: readonly (PeakMemory | undefined)[]): PeakMemory {
  const all = { pss: 0, rss: 0, processes: 0 };
  for (const peak of peaks) {
    all.pss += peak?.pss ?? 0;
    all.rss += peak?.rss ?? 0;
    all.processes += peak?.processes ?? 0;
  }
  return all;
}
