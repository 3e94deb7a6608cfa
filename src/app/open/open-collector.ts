import { createAccess } from "#auth/policy.ts";
import type { Config } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Live } from "#core/live.ts";
import type { Tombstone } from "#core/metadata/garbage.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { quietDeletes } from "#maintenance/gc/quiet-deletes.ts";
import { createCollector, type Collector } from "#maintenance/gc/collector.ts";
import { createLivedTime } from "#maintenance/gc/lived-time.ts";
import { removeBytes } from "#maintenance/gc/remove-bytes.ts";
import { createUploads } from "#registry/uploads.ts";
import { policyOf } from "../settings.ts";
import { owns } from "./open-store.ts";

export interface CollectorOpening {
  config: Live<Config>;
  metadata: Pick<
    Metadata,
    "garbage" | "repositories" | "uploads" | "tagRoom" | "housekeeping" | "leases" | "now"
  >;
  store: BlobStore;
  /** How long bytes stay when nobody has them any more, ms; by default as long as somebody may be reading them. */
  wait?: number | undefined;
  /** Without pauses: nobody else is there. */
  alone?: boolean;
}

/** Bytes that nobody has any more stay so long for who was just about to read them, ms. */
const leastWait = 60_000;
/** Clocks differ, and a link is followed a moment after it is given out, ms. */
const linkSlack = 10_000;

/** How long (ms) bytes stay after nobody has them any more: links that were given out work on. */
export function waitForReaders({ storage }: Pick<Config, "storage">): number {
  const links = storage.s3?.redirect.enabled === true ? storage.s3.redirect.expiry + linkSlack : 0;
  return Math.max(leastWait, links);
}

export interface OpenCollector extends Collector {
  /** Removes the bytes of what was given up and that nobody may be reading any more: one bounded piece of work. */
  removeBytes(signal: AbortSignal): ReturnType<typeof removeBytes>;
}

/** Garbage collection put together, for the keeper and for `berth gc` alike. */
export function openCollector({ config, metadata, store, wait, alone }: CollectorOpening): OpenCollector {
  const { garbage, repositories, tagRoom, housekeeping, leases } = metadata;
  const clock = () => metadata.now();
  const access = createAccess(policyIn(config));
  const uploads = createUploads({ store, repositories, uploads: metadata.uploads, access, clock });
  const lived = createLivedTime(clock);
  const forgotten = () => lived.now()(config.current.uploads.expire_after);
  let last: Tombstone | undefined;
  const remove = async (signal: AbortSignal) => {
    const quiet = alone === true ? store : quietDeletes(store, () => config.current.gc.pace, signal);
    const before = lived.now()(wait ?? waitForReaders(config.current));
    const removed = await removeBytes({ garbage, store: quiet, leases }, before, signal, last);
    ({ last } = removed);
    return removed;
  };
  const collector = createCollector({
    garbage,
    repositories,
    tagRoom,
    immutable: (repository, tag) => access.immutable(repository, tag),
    housekeeping,
    leases,
    store,
    // In a store that is only read any more, what was moved elsewhere stays until somebody removes it.
    mayRemove: (location) => owns[config.current.storage.stores[0] ?? "disk"](location),
    uploads: {
      purge: () => uploads.purge(forgotten()),
      stale: () => uploads.stale(forgotten()),
      oldest: () => metadata.uploads.oldest(),
    },
    removeBytes: remove,
    rules: {
      get current() {
        return config.current.gc;
      },
    },
    clock,
    lived,
    ...(alone === true ? { rest: () => Promise.resolve() } : {}),
  });
  return { ...collector, removeBytes: remove };
}

/** The rules of the configuration in force, compiled when it changes. */
function policyIn(config: Live<Config>): Live<ReturnType<typeof policyOf>> {
  let compiled: { from: Config; policy: ReturnType<typeof policyOf> } | undefined;
  return {
    get current() {
      const from = config.current;
      if (compiled?.from !== from) compiled = { from, policy: policyOf(from) };
      return compiled.policy;
    },
  };
}
