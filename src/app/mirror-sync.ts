import type { Clock } from "#core/clock.ts";
import type { Mirror } from "#core/metadata/cached-content.ts";
import { mirrorLeases } from "#core/metadata/lease-names.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { underLease } from "#maintenance/under-lease.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Fill } from "#pull-through/fill.ts";
import { syncMirror, type MirrorProgress, type MirrorReport } from "#pull-through/mirror.ts";

export interface MirrorSyncParts {
  fill: Fill;
  metadata: Pick<Metadata, "cached" | "leases">;
  clock: Clock;
}

/**
 * One round of a mirror, by only one process at a time. Undefined: there is none of that name any more, or it isn't
 * `wanted` as it is now. Throws unavailable when somebody else is at it, and the signal's reason.
 */
export async function syncUnderLease(
  { fill, metadata, clock }: MirrorSyncParts,
  name: RepositoryName,
  progress: MirrorProgress,
  signal: AbortSignal,
  wanted: (mirror: Mirror) => boolean = () => true,
): Promise<MirrorReport | undefined> {
  const { cached, leases } = metadata;
  const lease = {
    leases,
    name: mirrorLeases + name,
    what: `${name} is being synced by a server or`,
    signal,
    patience: 0,
  };
  return await underLease(lease, async (signal) => {
    const mirror = (await cached.mirrors()).find((mirror) => mirror.name === name);
    if (mirror === undefined || !wanted(mirror)) return undefined;
    return await syncMirror({ fill, mirrors: cached, clock }, mirror, progress, signal);
  });
}
