import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { snapshotLease } from "#core/metadata/lease-names.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { MetadataShelf } from "#core/metadata-shelf.ts";
import { snapshotTime } from "#core/snapshot-name.ts";
import { underLease } from "#maintenance/under-lease.ts";
import { keptInPostgres } from "../../open/open-metadata.ts";
import { openMetadataShelf } from "../../open/open-metadata-shelf.ts";
import type { Upkeep } from "../../servers/upkeep-lease.ts";
import type { Settings } from "../../settings.ts";
import { putSnapshot } from "./put-snapshot.ts";

/** ms: how often it is looked whether one is due, from when on, and how soon after a failure again. */
export const snapshotTimes = { look: 30_000, first: 30_000, retry: 15 * 60_000 };

/**
 * Puts a snapshot of the metadata beside the blobs every `snapshots.every`, while the upkeep is ours and something is
 * stored: of a database that is new because the one before was lost, none may push the good ones out.
 */
export function scheduleSnapshots(
  settings: Pick<Settings, "config">,
  metadata: Pick<Metadata, "leases" | "housekeeping" | "usage" | "now">,
  upkeep: Upkeep,
  log: Logger,
  times = snapshotTimes,
): AsyncDisposable {
  const { leases, housekeeping, usage } = metadata;
  if (keptInPostgres(settings.config.current)) {
    log.info(
      "the metadata is in PostgreSQL, whose backups are its own (pg_dump): no snapshots beside the blobs",
    );
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const stopping = new AbortController();
  let opened: Promise<MetadataShelf> | undefined;
  /** When (ms) the newest was taken; undefined: that isn't known. */
  let newest: number | undefined;
  let failing = false;
  let warned = false;

  function shelf(): Promise<MetadataShelf> {
    opened ??= openMetadataShelf(settings.config.current);
    opened.catch(() => (opened = undefined));
    return opened;
  }

  async function isDue(every: number): Promise<boolean> {
    newest ??= snapshotTime((await (await shelf()).list()).at(-1)?.name ?? "") ?? 0;
    if ((await usage.repositories({ limit: 1, last: undefined, cached: true })).length === 0) {
      if (newest > 0 && !warned)
        log.warn(
          { newest: new Date(newest).toISOString() },
          "the database knows no content, but snapshots of one lie beside the blobs: if it was lost, stop the server " +
            "and say berth rebuild --force",
        );
      warned = true;
      return false;
    }
    const since = metadata.now() - newest;
    // One of the future was taken by a clock that went wrong.
    return since >= every || since < 0;
  }

  async function take(signal: AbortSignal): Promise<void> {
    const startedAt = metadata.now();
    const tell = (endedAt: number | undefined, progress: Record<string, string | number>, fault?: string) =>
      housekeeping.tell({ kind: "snapshot", startedAt, seenAt: metadata.now(), endedAt, progress, fault });
    await tell(undefined, { step: "taking a snapshot" });
    try {
      const { keep } = settings.config.current.snapshots;
      const put = await putSnapshot(settings.config.current, await shelf(), {
        now: startedAt,
        reason: "schedule",
        keep,
        signal,
      });
      newest = startedAt;
      await tell(metadata.now(), { step: "done", name: put.name, bytes: put.size, removed: put.removed });
      log.info(put, "put a snapshot of the metadata beside the blobs");
    } catch (error) {
      if (!signal.aborted)
        await tell(
          metadata.now(),
          { step: "failed" },
          error instanceof Error ? error.message : String(error),
        ).catch(() => undefined);
      throw error;
    }
  }

  /** @returns ms until the next look */
  async function look(): Promise<number> {
    const { every } = settings.config.current.snapshots;
    if (every === 0 || !upkeep.mine()) return times.look;
    try {
      if (await isDue(every)) {
        const what = "a snapshot of the metadata is being taken";
        const { signal } = stopping;
        await underLease({ leases, name: snapshotLease, what, signal, patience: 0 }, take);
      }
      failing = false;
      return times.look;
    } catch (err) {
      if (!failing && !stopping.signal.aborted)
        log.error(
          { err },
          "no snapshot of the metadata could be put beside the blobs; it is tried again every 15 minutes",
        );
      failing = true;
      return times.retry;
    }
  }

  async function run(): Promise<void> {
    const { signal } = stopping;
    for (let wait = times.first; !signal.aborted;) {
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) wait = await look();
    }
  }

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error("the server stops"));
      await running;
    },
  };
}
