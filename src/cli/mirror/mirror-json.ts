import { formatDuration } from "#config/duration.ts";
import type { Mirror } from "#core/metadata/cached-content.ts";
import { mirrorDue } from "#pull-through/mirror-due.ts";
import type { MirrorReport } from "#pull-through/mirror.ts";

/** A mirror for machines: times in ISO 8601, null where there is none. */
export function mirrorJson(mirror: Mirror) {
  const { name, tags, platforms, referrers, every, syncedAt, fault } = mirror;
  return {
    name,
    tags,
    platforms,
    referrers,
    every: formatDuration(every),
    synced_at: time(syncedAt),
    next_at: syncedAt === undefined ? null : time(mirrorDue(mirror)),
    fault: fault ?? null,
  };
}

export function reportJson({ fault, ...report }: MirrorReport) {
  return { ...report, fault: fault ?? null };
}

function time(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
