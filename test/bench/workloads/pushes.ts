import { pushLoad } from "../load/clients.ts";
import type { LoadResult } from "../measurement.ts";
import type { PushJob } from "../push/job.ts";
import type { RunningServer } from "../servers/server.ts";
import { mebibyte, type Settings } from "../settings.ts";
import { measured, onRunning } from "./on-running.ts";
import { ask } from "./registry-api.ts";
import { needsRegistry, type Bout, type Row, type Workload } from "./workload.ts";

type Plan = Pick<PushJob, "kind" | "connections" | "size" | "warmup" | "seconds" | "most">;

export const pushes: Workload[] = [
  push({ name: "push-small", title: "push 10 KiB (POST, PUT), c=8", unit: "/s" }, ({ warmup, seconds }) => ({
    kind: "small",
    connections: 8,
    size: 10 * 1024,
    warmup,
    seconds,
    most: Math.ceil(8000 * Math.max(warmup, seconds)),
  })),
  push({ name: "push-patch", title: "push 64 MiB (POST, PATCH, PUT), c=4", unit: "MB/s" }, (settings) =>
    large("patch", settings),
  ),
  push({ name: "push-monolithic", title: "push 64 MiB (POST, PUT), c=4", unit: "MB/s" }, (settings) =>
    large("monolithic", settings),
  ),
  push(
    { name: "push-huge", title: "eight 1 GiB pushes at once (chunked PATCH)", unit: "MB/s" },
    (settings) => ({
      kind: "chunked",
      connections: 8,
      size: settings.hugeSize,
      warmup: 0,
      seconds: 0,
      most: 8,
    }),
  ),
];

/** One uncounted push a connection warms up; at most 1.5 GB/s are pushed, to bound the disk. */
function large(kind: "patch" | "monolithic", { seconds }: Settings): Plan {
  const size = 64 * mebibyte;
  return {
    kind,
    connections: 4,
    size,
    warmup: 0.001,
    seconds,
    most: Math.max(4, Math.ceil((1.5e9 * seconds) / size)),
  };
}

function push(row: Row, planFor: (settings: Settings) => Plan): Workload {
  return {
    rows: [row],
    leavesOut: needsRegistry,
    disk(settings) {
      const plan = planFor(settings);
      const warmups = plan.kind === "small" ? plan.most : plan.connections;
      return (plan.most + warmups) * (plan.size + 16 * 1024);
    },
    measure: (bout) =>
      onRunning(bout, async (running) => {
        const job = {
          host: running.host,
          port: running.port,
          repository: bout.repository,
          ...planFor(bout.settings),
        };
        return [await measured(bout, running, row.unit, () => pushAndForget(bout, running, job))];
      }),
  };
}

/** A server that somebody else started keeps its data, so large blobs are deleted where it lets us. */
async function pushAndForget(bout: Bout, running: RunningServer, job: PushJob): Promise<LoadResult> {
  const report = await pushLoad(job, bout.signal);
  if (bout.server.kind === "running" && job.kind !== "small") {
    for (const digest of report.digests) {
      await ask(running, "DELETE", `/v2/${job.repository}/blobs/${digest}`, [202, 404, 405]);
    }
  }
  return report;
}
