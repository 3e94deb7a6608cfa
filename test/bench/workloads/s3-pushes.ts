import { pushLoad } from "../load/clients.ts";
import type { Measurement } from "../measurement.ts";
import type { PushJob, PushReport } from "../push/job.ts";
import type { RunningServer } from "../servers/server.ts";
import { mebibyte, type Settings } from "../settings.ts";
import { needsS3, onS3, prepareS3 } from "./on-s3.ts";
import { measured } from "./on-running.ts";
import { expectPushed } from "./pushed.ts";
import type { Bout, Row, Workload } from "./workload.ts";

type Plan = Pick<PushJob, "kind" | "connections" | "size"> & Partial<PushJob>;
type PlannedRow = Row & { plan(settings: Settings): Plan };

const small: PlannedRow = {
  name: "s3-push-small",
  title: "push 10 KiB (POST, PUT), c=8",
  unit: "/s",
  plan: () => ({ kind: "small", connections: 8, size: 10 * 1024 }),
};

/** Each workload's rows share one start of the servers. */
export const s3Pushes: Workload[] = [
  pushesOnS3([small]),
  pushesOnS3([layer("patch", "64m", 4), layer("put", "64m", 4)]),
  pushesOnS3([layer("patch", "256m", 1), layer("patch", "256m", 4)]),
  pushesOnS3([layer("put", "256m", 1), layer("put", "256m", 4)]),
];

function layer(how: "patch" | "put", size: "64m" | "256m", connections: number): PlannedRow {
  const words = how === "patch" ? "POST, PATCH, PUT" : "POST, PUT";
  return {
    name: size === "64m" ? `s3-${how}-${size}` : `s3-${how}-${size}-c${connections}`,
    title: `push ${size === "64m" ? "64" : "256"} MiB (${words}), c=${connections}`,
    unit: "MB/s",
    plan: ({ layerSize }) => ({
      kind: how === "patch" ? "patch" : "monolithic",
      connections,
      size: size === "64m" ? layerSize / 4 : layerSize,
    }),
  };
}

function pushesOnS3(rows: readonly PlannedRow[]): Workload {
  return {
    rows: rows.map(({ name, title, unit }) => ({ name, title, unit })),
    leavesOut: needsS3,
    prepare: prepareS3,
    disk: (settings) => rows.reduce((sum, row) => sum + mostBytes(settings, row.plan(settings)), 0),
    measure: (bout) =>
      onS3(bout, async (running) => {
        const measurements: Measurement[] = [];
        for (const row of rows)
          measurements.push(await pushOnS3(bout, running, row, row.plan(bout.settings)));
        return measurements;
      }),
  };
}

/** At most 400 MB/s or 2,000 small blobs a second are pushed, to bound the disk. */
function mostPushes({ seconds }: Settings, { kind, connections, size }: Plan): number {
  return kind === "small" ? Math.ceil(2000 * seconds) : connections + Math.ceil((4e8 * seconds) / size);
}

function mostBytes(settings: Settings, plan: Plan): number {
  return mostPushes(settings, plan) * Math.max(plan.size, 64 * 1024);
}

/**
 * One row's pushes after a few small ones that aren't counted. In the first round the first blob is pulled
 * and hashed afterwards.
 */
export async function pushOnS3(
  bout: Bout,
  running: RunningServer,
  row: Row,
  plan: Plan,
): Promise<Measurement> {
  const { settings, signal, repository, round } = bout;
  const { host, port } = running;
  const most = mostPushes(settings, plan);
  const job = { host, port, repository, warmup: 0, seconds: settings.seconds, most, ...plan };
  await pushLoad({ ...job, size: Math.min(job.size, 16 * mebibyte), most: job.connections }, signal);
  let report: PushReport | undefined;
  const measurement = await measured(bout, running, row.unit, async () => {
    report = await pushLoad(job, signal);
    return report;
  });
  const first = report?.digests[0];
  if (round === 0 && first !== undefined) await expectPushed(running, repository, first, plan.size);
  return measurement;
}
