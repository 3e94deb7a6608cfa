import type { Logger } from "pino";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { Mirror } from "#core/metadata/cached-content.ts";
import { mirrorLeases } from "#core/metadata/lease-names.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Fill } from "#pull-through/fill.ts";
import { mirrorDue } from "#pull-through/mirror-due.ts";
import type { MirrorReport } from "#pull-through/mirror.ts";
import { syncUnderLease } from "./mirror-sync.ts";
import type { Upkeep } from "./servers/upkeep-lease.ts";
import { whileMine } from "./servers/while-mine.ts";

export interface MirrorScheduleParts {
  metadata: Pick<Metadata, "cached" | "leases">;
  /** What fills the cache; asked for when a mirror is due, and disposed of after it. */
  openFill: () => Promise<{ readonly fill: Fill } & AsyncDisposable>;
  clock: Clock;
  upkeep: Upkeep;
  log: Logger;
  /** ms between two looks; a minute. */
  every?: number;
}

const minute = 60_000;
const unseen = {
  expect: () => undefined,
  add: () => undefined,
  images: () => undefined,
  image: () => undefined,
};

/**
 * Looks for mirrors whose time has come when the upkeep becomes ours and every minute, and brings them up to date one
 * after the other. Disposed, it breaks off at once: the next round goes on from there.
 */
export function scheduleMirrors(parts: MirrorScheduleParts): AsyncDisposable {
  const { metadata, openFill, clock, upkeep, log, every = minute } = parts;
  const { cached, leases } = metadata;
  let failing = false;

  const isDue = (mirror: Mirror) => mirrorDue(mirror) <= clock();

  /** Those that another process is at are its own business. */
  async function due(): Promise<Mirror[]> {
    const waiting = (await cached.mirrors()).filter(isDue);
    if (waiting.length === 0) return [];
    const held = new Set(await leases.held(mirrorLeases));
    return waiting
      .filter(({ name }) => !held.has(mirrorLeases + name))
      .sort((one, other) => mirrorDue(one) - mirrorDue(other));
  }

  async function sync({ name, fault: before }: Mirror, signal: AbortSignal): Promise<void> {
    await using filling = await openFill();
    try {
      const sync = { fill: filling.fill, metadata, clock };
      const report = await syncUnderLease(sync, name, unseen, signal, isDue);
      if (report !== undefined) tell(report, before);
    } catch (err) {
      // Another began it a moment ago, or the lease was lost: the next look sees.
      if (!(err instanceof AppError) || err.code !== "unavailable") throw err;
      log.debug({ err, mirror: name }, "the mirror is left for the next look");
    }
  }

  function tell(
    { name, images, blobs, bytes, fault, failed, changed }: MirrorReport,
    before: string | undefined,
  ) {
    const facts = { mirror: name, images, blobs: blobs.fetched, bytes };
    if (changed) return;
    if (fault === undefined) log.info(facts, "mirror synced");
    // Once, not every ten minutes.
    else if (fault !== before)
      log.warn({ ...facts, fault, failed: failed.length }, "mirror synced in part; it is tried again");
  }

  async function round(signal: AbortSignal): Promise<void> {
    try {
      for (const mirror of await due()) {
        if (signal.aborted || !upkeep.mine()) return;
        await sync(mirror, signal);
      }
      failing = false;
    } catch (err) {
      if (signal.aborted) return;
      if (!failing) log.error({ err }, "syncing mirrors failed; the next look tries again");
      failing = true;
    }
  }

  return whileMine(upkeep, every, round);
}
