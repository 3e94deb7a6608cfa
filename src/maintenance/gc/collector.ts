/**
 * Garbage collection while the registry serves: what nothing names any more goes, in small steps with pauses between
 * them. Owns the order and the rules; each change is one transaction that looks again, so a run may be killed at any
 * moment and the next one goes on. Never touches what is cached (eviction does) or removes bytes of what is named.
 * Flow: signature tags → manifests → links and blobs (their locations become tombstones) → unfinished uploads →
 * strays → bytes of tombstones that nobody reads any more.
 */
import type { Clock } from "#core/clock.ts";
import type { Live } from "#core/live.ts";
import type { Garbage } from "#core/metadata/garbage.ts";
import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { TagRoom } from "#core/metadata/tag-room.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { collectBlobs } from "./collect-blobs.ts";
import { collectManifests } from "./collect-manifests.ts";
import { collectSignatures } from "./collect-signatures.ts";
import { collectStrays, type StrayParts } from "./collect-strays.ts";
import type { GcRules } from "./gc-rules.ts";
import { createTally, type GcReport, type Tally } from "./gc-report.ts";
import { createPace, type Pace } from "./pace.ts";
import type { RemovedBytes } from "./remove-bytes.ts";
import { createTelling } from "./telling.ts";

export interface CollectorParts extends Omit<StrayParts, "garbage" | "repositories"> {
  garbage: Omit<Garbage, "touch">;
  repositories: Pick<Repositories, "catalog" | "manifestFacts" | "tags" | "holders" | "count">;
  tagRoom: Pick<TagRoom, "facts" | "remove">;
  /** The pattern that makes a tag immutable. */
  immutable: (repository: RepositoryName, tag: Tag) => string | undefined;
  housekeeping: Pick<Housekeeping, "tell">;
  uploads: {
    /** Ends what nobody went on with. @returns how many */
    purge(): Promise<number>;
    /** How many that would be. */
    stale(): Promise<number>;
  };
  /** Removes the bytes of tombstones that nobody may be reading any more. */
  removeBytes(signal: AbortSignal): Promise<RemovedBytes>;
  rules: Live<GcRules>;
  clock: Clock;
  /** Pauses between two steps; in tests not at all. */
  rest?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface GcOrder {
  /** Only say what would go. */
  dryRun?: boolean;
  /** Also read the whole store for what nobody knows. */
  strays: boolean;
  /** Also where most of the store is unknown, which else shows that the database is the wrong one. */
  allStrays?: boolean;
  /** Told of each step. */
  watch?: ((step: string, tally: Tally) => void) | undefined;
  /** Told of a step that failed; the others go on. */
  failed?: ((step: string, error: unknown) => void) | undefined;
}

export interface Collector {
  /** One run; one at a time. Throws the signal's reason, and what the stores throw: the next one goes on from there. */
  run(order: GcOrder, signal: AbortSignal): Promise<GcReport>;
}

export function createCollector(parts: CollectorParts): Collector {
  const { garbage, uploads, clock } = parts;

  /** What fails in one step holds up no other: a bucket that is away, say. */
  async function steps(
    order: GcOrder,
    signal: AbortSignal,
    tell: (step: string) => Promise<void>,
    tally: Tally,
  ): Promise<{ freed: GcReport["freed"]; failure: unknown }> {
    const dry = order.dryRun === true;
    const rules = parts.rules.current;
    const paced = createPace(() => parts.rules.current.pace, signal, parts.rest);
    let doing = "";
    const pace: Pace = {
      rows: paced.rows,
      async breathe() {
        order.watch?.(doing, tally);
        await tell(doing);
        await paced.breathe();
      },
    };
    const round = { rules, now: clock(), clock, dry, pace, tally };
    const freed = { blobs: 0, bytes: 0 };
    let failure: unknown;
    const work: [string, () => Promise<unknown>][] = [
      ["signatures without a subject", () => collectSignatures(parts, round)],
      ["manifests", () => collectManifests(garbage, round)],
      ["unused blobs", () => collectBlobs(parts, round)],
      ["unfinished uploads", () => purge(dry, tally)],
    ];
    if (order.strays) work.push(["stray files", () => collectStrays(parts, order.allStrays === true, round)]);
    if (!dry)
      work.push(["bytes", async () => (failure = (await removeBytes(freed, pace, signal)) ?? failure)]);
    for (const [step, does] of work) {
      doing = step;
      try {
        await does();
        await pace.breathe();
      } catch (error) {
        signal.throwIfAborted();
        failure ??= error;
        order.failed?.(step, error);
      }
    }
    return { freed, failure };
  }

  async function removeBytes(freed: GcReport["freed"], pace: Pace, signal: AbortSignal): Promise<unknown> {
    for (;;) {
      const { removed, bytes, more, failure } = await parts.removeBytes(signal);
      freed.blobs += removed;
      freed.bytes += bytes;
      if (!more) return failure;
      await pace.breathe();
    }
  }

  async function purge(dry: boolean, tally: Tally): Promise<void> {
    tally.add("unfinished", await (dry ? uploads.stale() : uploads.purge()), 0);
  }

  async function run(order: GcOrder, signal: AbortSignal): Promise<GcReport> {
    signal.throwIfAborted();
    const tally = createTally();
    const dryRun = order.dryRun === true;
    // A dry run is nobody else's business.
    const telling = createTelling(dryRun ? undefined : parts.housekeeping, clock, tally);
    try {
      const { freed, failure } = await steps(order, signal, telling.step, tally);
      const { tombstones, tombstoneBytes } = await garbage.counts();
      const fault = failure === undefined ? undefined : messageOf(failure);
      const waiting = { blobs: tombstones, bytes: tombstoneBytes };
      await telling.end({ freed, waiting }, fault);
      return { dryRun, reasons: tally.reports(), freed, waiting, fault };
    } catch (error) {
      const why = signal.aborted ? "it was stopped; the next run goes on" : messageOf(error);
      await telling.end(undefined, why).catch(() => undefined);
      throw error;
    }
  }

  return { run };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "it failed";
}
