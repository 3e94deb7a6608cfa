import type { Logger } from "pino";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { Config } from "#config/config.ts";
import type { HousekeepingRun } from "#core/metadata/housekeeping.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { forgetRemoved } from "#maintenance/retention/forget-removed.ts";
import type { Retention } from "#maintenance/retention/retention.ts";
import type { RetentionWatch } from "#maintenance/retention/retention-report.ts";
import { rulesMark } from "#maintenance/retention/telling.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";

export interface RetentionScheduleParts {
  config: Live<Pick<Config, "retention">>;
  retention: Pick<Retention, "run">;
  metadata: Pick<Metadata, "tagRoom" | "housekeeping" | "now">;
  upkeep: Upkeep;
  log: Logger;
  /** ms between two looks; a minute. */
  every?: number;
}

const minute = 60_000;
const hour = 60 * minute;
/** After a run that failed or was stopped, ms. */
const triedAgain = 10 * minute;

export interface RetentionSchedule extends AsyncDisposable {
  /** Looks now; resolves when it has, and ran what was due. */
  look(): Promise<void>;
}

/**
 * Looks every minute, while the upkeep is ours, for removed tags whose time is over and for whether a run is due. With
 * other rules than in the last run it begins an hour later, so that who wrote them sees the log's line before.
 */
export function scheduleRetention(parts: RetentionScheduleParts): RetentionSchedule {
  const { config, retention, metadata, upkeep, log, every = minute } = parts;
  const { tagRoom, housekeeping } = metadata;
  const stop = new AbortController();
  /** Rules that haven't run yet, and since when this process knows them. */
  let fresh: { mark: string; since: number } | undefined;
  let running: Promise<void> | undefined;
  let failing = false;

  /** When (ms) the next run is due. */
  function dueAt(last: HousekeepingRun | undefined, mark: string): number {
    const { every: between } = config.current.retention;
    const now = metadata.now();
    if (last === undefined || last.progress.rules !== mark) {
      const wait = Math.min(between, hour);
      if (fresh?.mark !== mark) {
        fresh = { mark, since: now };
        const at = new Date(now + wait).toISOString();
        log.info(
          { at },
          "retention has new rules and begins at that time; berth retention preview shows what it removes",
        );
      }
      return Math.min(fresh.since, now) + wait;
    }
    fresh = undefined;
    // The clock was ahead then, and says nothing about when that was.
    if (last.startedAt > now) return now;
    // Whoever is silent for a minute was killed.
    if (last.endedAt === undefined) return Math.max(last.seenAt + minute, 0);
    if (last.fault !== undefined) return last.endedAt + Math.min(between, triedAgain);
    return last.startedAt + between;
  }

  async function runWhenDue(): Promise<void> {
    const { rules } = config.current.retention;
    if (rules.length === 0) return;
    const last = (await housekeeping.runs()).find(({ kind }) => kind === "retention");
    if (metadata.now() < dueAt(last, rulesMark(rules))) return;
    try {
      const watch: RetentionWatch = { removed: (one) => log.info(one, "tags removed by retention") };
      const { stopped, ...sums } = await retention.run(stop.signal, watch, 0);
      log.info(sums, stopped ? "retention stopped, because its rules changed" : "retention has run");
    } catch (err) {
      // Another began it a moment ago, or the lease was lost: the next look sees.
      if (!(err instanceof AppError && err.code === "unavailable")) throw err;
      log.debug({ err }, "retention is left for the next look");
    }
  }

  async function round(): Promise<void> {
    try {
      const { undo } = config.current.retention;
      const forgotten = await forgetRemoved(tagRoom, undo, () => metadata.now(), stop.signal);
      if (forgotten > 0) log.info({ tags: forgotten }, "removed tags can't come back any more");
      await runWhenDue();
      failing = false;
    } catch (err) {
      if (stop.signal.aborted) return;
      // Once, not every minute.
      if (!failing) log.error({ err }, "retention failed; it is tried again");
      failing = true;
    }
  }

  async function look(): Promise<void> {
    if (!upkeep.mine() || stop.signal.aborted) return;
    await (running ??= round().finally(() => (running = undefined)));
  }
  const begins = upkeep.whenMine(() => void look());
  const timer = setInterval(() => void look(), every);
  return {
    look,
    async [Symbol.asyncDispose]() {
      begins[Symbol.dispose]();
      clearInterval(timer);
      stop.abort(new Error("the server stops"));
      await running;
    },
  };
}
