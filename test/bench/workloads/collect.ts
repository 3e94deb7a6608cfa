import { setTimeout as delay } from "node:timers/promises";
import { pushLoad } from "../load/clients.ts";
import { untilGone } from "../garbage/until-gone.ts";
import type { Measurement, PeakMemory } from "../measurement.ts";
import { watchMemory } from "../memory.ts";
import type { RunningServer } from "../servers/server.ts";
import type { Settings } from "../settings.ts";
import { mean } from "../statistics.ts";
import type { Bout, Workload } from "./workload.ts";

/** Bytes that a planted blob takes with its names and rows, or with its folders in the tree of Distribution. */
const each = 20_000;

/**
 * Garbage collection in a registry of many small blobs that goes on serving: how long until what nothing names is gone,
 * what it takes, and what pushes feel of it.
 */
export const collect: Workload = {
  rows: [
    { name: "gc-decide", title: "garbage collection beside a server: until the command ends", unit: "s" },
    { name: "gc-gone", title: "garbage collection beside a server: until all is gone", unit: "s" },
    {
      name: "gc-memory",
      title: "garbage collection beside a server: the command's peak memory (PSS)",
      unit: "MB",
    },
    { name: "gc-idle-server", title: "the server's peak memory (PSS) with pushes before it", unit: "MB" },
    { name: "gc-server", title: "the server's peak memory (PSS) with pushes meanwhile", unit: "MB" },
    { name: "gc-idle-push", title: "push 10 KiB before it, c=2, p99", unit: "ms" },
    { name: "gc-push", title: "push 10 KiB meanwhile, c=2, p99", unit: "ms" },
  ],
  leavesOut: (server) =>
    server.id === "berth" ? undefined : "has no garbage collection to measure while it serves",
  disk: garbageOnDisk,
  async measure(bout) {
    const { server, folder, settings, signal } = bout;
    const planted = await server.plant?.(folder, signal, settings.garbage);
    if (planted?.serve === undefined) return [];
    await using running = await planted.serve();
    await settle(bout);

    const before = watchMemory(running.pid ?? 0);
    let idleMemory: PeakMemory | undefined;
    let idle: number[];
    try {
      idle = await pushWhile(bout, running, "idle", delay(idleFor(settings), undefined, { signal }));
    } finally {
      idleMemory = before.stop();
    }

    const begun = performance.now();
    const since = () => (performance.now() - begun) / 1000;
    const watched = [watchMemory(running.pid ?? 0)];
    let [decided, gone] = [0, 0];
    let meanwhile: number[];
    let peaks: (PeakMemory | undefined)[];
    try {
      const collecting = planted.collect(signal);
      watched.push(watchMemory(collecting.pid));
      const ended = collecting.done.then(() => void (decided = since()));
      // It may fail before anybody waits for it.
      ended.catch(() => undefined);
      meanwhile = await pushWhile(bout, running, "during", ended);
      await untilGone(planted, settings.garbage, signal);
      gone = since();
    } finally {
      peaks = watched.map((one) => one.stop());
    }
    const [serverMemory, commandMemory] = peaks;
    return [
      { value: decided },
      { value: gone },
      ...[commandMemory, idleMemory, serverMemory].map(peak),
      { value: mean(idle) },
      { value: mean(meanwhile) },
    ];
  },
};

/** Bytes that a registry takes in which the plan was planted. */
export function garbageOnDisk({ garbage }: Settings): number {
  return (garbage.blobs + garbage.manifests) * each;
}

/** What was written for the plan is on the disk before anything is measured. */
export async function settle({ settings, signal }: Bout): Promise<void> {
  await delay(settings.quick ? 100 : 10_000, undefined, { signal });
}

/** ms */
function idleFor({ quick, seconds }: Settings): number {
  return seconds * (quick ? 1 : 20) * 1000;
}

/** Pushes of some seconds each, until it is over; the p99 of each, ms. */
async function pushWhile(
  bout: Bout,
  { host, port }: RunningServer,
  name: string,
  ended: Promise<unknown>,
): Promise<number[]> {
  const { settings, signal } = bout;
  const over = { yet: false };
  const end = () => void (over.yet = true);
  void ended.then(end, end);
  const found: number[] = [];
  do {
    const repository = `${bout.repository}-${name}-${found.length}`;
    const load = { kind: "small", connections: 2, size: 10 * 1024, warmup: 0.2 } as const;
    const job = { host, port, repository, ...load, seconds: settings.seconds * 5, most: 1e6 };
    found.push((await pushLoad(job, signal)).p99);
  } while (!over.yet);
  await ended;
  return found;
}

function peak(memory: PeakMemory | undefined): Measurement {
  if (memory === undefined) throw new Error("a process ended before its memory could be read");
  return { value: memory.pss / 1e6, memory };
}
