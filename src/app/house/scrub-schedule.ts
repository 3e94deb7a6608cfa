/**
 * The server's own scrubbing: rounds through all that is stored, slowly, by the one server that does the upkeep. Where
 * a round is stands in metadata, so it goes on there after a restart. It rests while `berth scrub` runs.
 */
import type { Logger } from "pino";
import type { BlobStore } from "#core/blob-store.ts";
import type { HousekeepingRun } from "#core/metadata/housekeeping.ts";
import { scrubLease } from "#core/metadata/lease-names.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { createPace } from "#maintenance/scrub/pace.ts";
import { scrub } from "#maintenance/scrub/scrub.ts";
import type { ScrubFault, ScrubReport } from "#maintenance/scrub/scrub-report.ts";
import { settleDamage } from "#maintenance/scrub/settle-damage.ts";
import { keptInPostgres } from "../open/open-metadata.ts";
import { createScrubTeller, positionIn } from "./scrub-teller.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import type { Settings } from "../settings.ts";
import { openUpstreamClients } from "../upstreams/upstream-clients.ts";
import { upstreamContent } from "../upstreams/upstream-content.ts";

/** ms: how often it is looked whether there is something to do, from when on, how soon after a failure again. */
export const scrubTimes = { look: 10_000, first: 60_000, retry: 15 * 60_000, settle: 60_000 };

/** Why it stops in the middle: it goes on there later. */
const rests = new Error("scrubbing rests");
/** Links of a repository that are read in one go in the process that serves: some ms. */
const smallRepository = 20_000;
/** Lines of one round. */
const mostLines = 200;

type Round = Pick<HousekeepingRun, "startedAt" | "progress"> | undefined;

export function scheduleScrub(
  settings: Pick<Settings, "config">,
  metadata: Metadata,
  store: BlobStore,
  upkeep: Upkeep,
  log: Logger,
  times = scrubTimes,
): AsyncDisposable {
  const { repositories, cached, factChecks, housekeeping, garbage, leases } = metadata;
  const inPostgres = keptInPostgres(settings.config.current);
  const stopping = new AbortController();
  const began = performance.now();
  const clock = () => metadata.now();
  let running: Promise<void> | undefined;
  let settled = -Infinity;
  let failing = false;

  /** The round to begin or to go on with; undefined: none is due. */
  async function due(): Promise<{ round: Round } | undefined> {
    const run = (await housekeeping.runs()).find(({ kind }) => kind === "scrub");
    if (run === undefined) return { round: undefined };
    const { startedAt, progress, endedAt, fault } = run;
    if (endedAt === undefined) return { round: { startedAt, progress } };
    if (fault !== undefined)
      return clock() >= endedAt + times.retry ? { round: { startedAt, progress } } : undefined;
    const since = clock() - startedAt;
    // One of the future began by a clock that went wrong.
    return since < 0 || since >= settings.config.current.scrub.every ? { round: undefined } : undefined;
  }

  const mayRun = () => settings.config.current.scrub.enabled && upkeep.mine() && !stopping.signal.aborted;

  async function run(round: Round): Promise<void> {
    const teller = createScrubTeller(housekeeping, clock, round?.startedAt ?? clock(), round?.progress);
    const rest = new AbortController();
    const signal = AbortSignal.any([stopping.signal, rest.signal]);
    const watch = setInterval(() => {
      void isResting().then((should) => {
        if (should) rest.abort(rests);
      });
    }, 1_000);
    let said = 0;
    const say = ({ faults }: ScrubReport) => {
      for (; said < Math.min(faults.length, mostLines); said++) sayFault(faults[said]);
    };
    try {
      await using clients = await openUpstreamClients(settings.config, 1, log, () => undefined);
      const report = await scrub(
        {
          repositories,
          checks: factChecks,
          cached,
          housekeeping,
          store,
          known: (beginnings) => garbage.knownBeginnings(beginnings),
          upstream: upstreamContent(clients, settings.config),
          pace: createPace(() => settings.config.current.scrub.bytes_per_second),
          clock,
          quick: false,
          countedLinks: inPostgres ? Infinity : smallRepository,
          repair: true,
          signal,
          progress: { add: () => undefined, done: () => undefined },
        },
        {
          repositories: undefined,
          from: round && positionIn(round.progress),
          parallel: 1,
          // With SQLite nothing else would happen in this process meanwhile.
          owners: inPostgres,
          async tell(position, so) {
            await teller.tell(position, so);
            say(so);
          },
        },
      );
      say(report);
      await teller.end(report, undefined);
      const { faults: _, ...counts } = report;
      log.info(counts, "scrubbed everything that is stored");
      failing = false;
    } catch (err) {
      if (signal.aborted) return;
      await teller.end(undefined, err).catch(() => undefined);
      if (!failing) log.error({ err }, "scrubbing failed; it is tried again");
      failing = true;
    } finally {
      clearInterval(watch);
    }
  }

  async function isResting(): Promise<boolean> {
    if (!mayRun()) return true;
    return (await leases.held(scrubLease).catch((): string[] => [])).includes(scrubLease);
  }

  function sayFault(fault: ScrubFault | undefined): void {
    if (fault === undefined) return;
    const { kind, digest, why, of, repaired } = fault;
    const line = `scrubbing found that ${kind} ${digest ?? of[0] ?? ""} ${why}`;
    if (repaired !== undefined) log.info({ digest, of, repaired }, line);
    else log.warn({ digest, of }, line);
  }

  async function look(): Promise<void> {
    try {
      if (performance.now() - settled >= times.settle) {
        settled = performance.now();
        await settleDamage({ housekeeping, repositories, cached });
      }
      if (!settings.config.current.scrub.enabled || performance.now() - began < times.first) return;
      if (await isResting()) return;
      const found = await due();
      if (found !== undefined) await run(found.round);
    } catch (err) {
      if (!failing && !stopping.signal.aborted) log.error({ err }, "scrubbing failed; it is tried again");
      failing = true;
    }
  }

  const timer = setInterval(() => {
    if (upkeep.mine()) running ??= look().finally(() => (running = undefined));
  }, times.look);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stopping.abort(new Error("the server stops"));
      await running;
    },
  };
}
