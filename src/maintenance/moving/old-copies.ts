import { setTimeout as pause } from "node:timers/promises";
import type { BlobStore, Location } from "#core/blob-store.ts";
import { backupLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import { heldLocations } from "../held-locations.ts";

/** Bytes of blobs that lie elsewhere by now, and go when nobody can be reading them any more. */
export interface OldCopies {
  add(digest: Digest, location: Location): void;
  /** How many are there still. */
  count(): number;
  /** How long until the last one's time has come, ms. */
  left(): number;
  /** Removes each when its time has come and no backup or reader needs it, until `last` says that no more are added and all are gone; or aborted. */
  run(last: Promise<unknown>): Promise<void>;
}

/** How often those are looked for whose time has come, ms. */
const look = 1_000;

/** @param grace how long readers may still need an old copy, ms */
export function createOldCopies(
  store: BlobStore,
  repositories: Pick<Repositories, "recordedBlob">,
  leases: Pick<Leases, "held">,
  grace: number,
  signal: AbortSignal,
): OldCopies {
  /** In the order of their times. */
  const waiting: { digest: Digest; location: Location; due: number }[] = [];

  async function removeDue(): Promise<void> {
    const read = waiting[0] === undefined ? new Set<Location>() : await heldLocations(leases);
    for (let at = 0; ;) {
      const copy = waiting[at];
      if (copy === undefined || copy.due > performance.now()) return;
      if (signal.aborted || (await leases.held(backupLeases)).length > 0) return;
      if (read.has(copy.location)) {
        at++;
        continue;
      }
      // Never what a blob lies at, whatever happened in between.
      const now = await repositories.recordedBlob(copy.digest);
      if (now?.location !== copy.location) await store.delete(copy.location);
      waiting.splice(at, 1);
    }
  }

  return {
    add(digest, location) {
      waiting.push({ digest, location, due: performance.now() + grace });
    },
    count: () => waiting.length,
    left: () => Math.max(0, (waiting.at(-1)?.due ?? 0) - performance.now()),
    async run(last) {
      let ended = false;
      const over = last.then(
        () => (ended = true),
        () => (ended = true),
      );
      while (!signal.aborted && !(ended && waiting.length === 0)) {
        await removeDue();
        if (ended && waiting.length === 0) return;
        const rest = pause(look, undefined, { signal }).catch(() => undefined);
        await (ended ? rest : Promise.race([rest, over]));
      }
    },
  };
}
