/**
 * Garbage collection while the registry serves: what nothing names any more goes, in small steps with pauses between
 * them. Owns the order and the rules; each change is one transaction that looks again, so a run may be killed at any
 * moment and the next one goes on. Never touches what is cached (eviction does) or removes bytes of what is named.
 * Flow: signature tags → manifests → links and blobs (their locations become tombstones) → unfinished uploads →
 * strays → bytes of tombstones that nobody reads any more.
 */
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { Garbage } from "#core/metadata/garbage.ts";
import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import { importLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { TagRoom } from "#core/metadata/tag-room.ts";
import type { Uploads } from "#core/metadata/uploads.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { collectBlobs } from "./collect-blobs.ts";
import { collectManifests } from "./collect-manifests.ts";
import { collectSignatures } from "./collect-signatures.ts";
import { collectStrays, type StrayParts } from "./collect-strays.ts";
import type { GcRules } from "./gc-rules.ts";
import { createTally, type GcReport, type Tally } from "./gc-report.ts";
import type { LivedTime } from "./lived-time.ts";
import { createPace, type Pace } from "./pace.ts";
import type { RemovedBytes } from "./remove-bytes.ts";
import type { Round } from "./round.ts";
import { createTelling } from "./telling.ts";

export interface CollectorParts extends Omit<StrayParts, "garbage" | "repositories"> {
  garbage: Omit<Garbage, "touch">;
  repositories: Pick<Repositories, "catalog" | "manifestFacts" | "tags" | "holders" | "count">;
  tagRoom: Pick<TagRoom, "facts" | "remove">;
  /** The pattern that makes a tag immutable. */
  immutable: (repository: RepositoryName, tag: Tag) => string | undefined;
  housekeeping: Pick<Housekeeping, "tell">;
  leases: Pick<Leases, "held">;
  uploads: {
    /** Ends what nobody went on with. @returns how many */
    purge(): Promise<number>;
    /** How many that would be. */
    stale(): Promise<number>;
    oldest: Uploads["oldest"];
  };
  /** Removes the bytes of tombstones that nobody may be reading any more. */
  removeBytes(signal: AbortSignal): Promise<RemovedBytes>;
  rules: Live<GcRules>;
  clock: Clock;
  /** By default all time counts. */
  lived?: LivedTime;
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
    const now = clock();
    const past = parts.lived?.now() ?? ((age: number) => now - age);
    const pushed = new Map((await uploads.oldest()).map((one) => [one.repository, one.startedAt]));
    const pushing: Round["pushing"] = (repository, since) =>
      since >= (pushed.get(repository) ?? Infinity) - rules.grace;
    const round = { rules, past, pushing, clock, dry, pace, tally };
    const freed = { blobs: 0, bytes: 0 };
    let failure: unknown;
    const work: [string, () => Promise<unknown>][] = [
      ["signatures without a subject", () => collectSignatures(parts, round)],
    ];
    // What an import brings is named by nothing for as long as that takes.
    if ((await parts.leases.held(importLeases)).length > 0)
      failure = new AppError("busy", "an import goes on: blobs and manifests are left until it has ended");
    else
      work.push(
        ["manifests", () => collectManifests(garbage, round)],
        ["unused blobs", () => collectBlobs(parts, round)],
      );
    work.push(["unfinished uploads", () => purge(dry, tally)]);
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
    let failed: unknown;
    for (;;) {
      const { removed, bytes, more, failure } = await parts.removeBytes(signal);
      freed.blobs += removed;
      freed.bytes += bytes;
      failed ??= failure;
      if (!more) return failed;
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
      const fault = failure === undefined ? undefined : wholeMessageOf(failure);
      const waiting = { blobs: tombstones, bytes: tombstoneBytes };
      await telling
        .end({ freed, waiting }, failure === undefined ? undefined : messageOf(failure))
        .catch(() => undefined);
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

/** With what was behind it, which is the operator's alone: paths, and what a system call said. */
function wholeMessageOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? `${messageOf(error)} (${cause.message})` : messageOf(error);
}
