import type { HousekeepingRun } from "#core/metadata/housekeeping.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RegistryCounts } from "#adapters/prometheus/metrics.ts";

export async function countRegistry({
  repositories,
  uploads,
  cached,
  housekeeping,
}: Metadata): Promise<RegistryCounts> {
  return {
    ...(await repositories.count()),
    uploads: await uploads.count(),
    cached: (await cached.usage()).upstreams,
    garbage: lastCollected(await housekeeping.runs()),
  };
}

function lastCollected(runs: readonly HousekeepingRun[]): RegistryCounts["garbage"] {
  const run = runs.find(({ kind }) => kind === "gc");
  if (run?.endedAt === undefined) return undefined;
  const { endedAt, progress } = run;
  return { endedAt, bytes: Number(progress.bytes ?? 0), waiting: Number(progress.waiting ?? 0) };
}
