/**
 * Retention: tags of hosted repositories that no rule keeps are removed, and may come back for a while. Owns what the
 * rules mean; never removes a manifest or a blob (that is garbage collection's). Flow: a repository's tags → where each
 * stands (ranks) → what becomes of it (decide, survey) → TagRoom.remove, with the manifest that was decided on as fact.
 */
import type { AuditActor } from "#core/audit.ts";
import { isCachedName } from "#core/cached-name.ts";
import type { Clock } from "#core/clock.ts";
import { afterEngineNames } from "#core/engine-name.ts";
import type { Live } from "#core/live.ts";
import { retentionLease } from "#core/metadata/lease-names.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { createPace } from "../gc/pace.ts";
import { underLease } from "../under-lease.ts";
import { removeDecided } from "./remove-decided.ts";
import type { RepositoryReport, RetentionReport, RetentionWatch } from "./retention-report.ts";
import { compileRules, type RetentionRule, type Rule } from "./rules.ts";
import { surveyRepository, type Survey, type TagDecision } from "./survey.ts";
import { rulesMark, tellingOf } from "./telling.ts";

export interface RetentionParts {
  metadata: Pick<Metadata, "tagRoom" | "leases" | "housekeeping"> & {
    repositories: Pick<Metadata["repositories"], "catalog">;
  };
  rules: Live<readonly RetentionRule[]>;
  /** The pattern that makes a tag immutable. */
  immutable: (repository: RepositoryName, tag: Tag) => string | undefined;
  clock: Clock;
  /** Whom events and the audit log name; the rule is added. */
  by: Omit<AuditActor, "rule">;
  /** Percent of the time that a run works; the rest is for clients. */
  share?: number;
}

export interface Retention {
  /** What a run would do, page by page; of these repositories, or of all that a rule covers. Changes nothing. */
  preview(
    repositories: readonly RepositoryName[] | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<TagDecision[], void, void>;
  /**
   * Removes what no rule keeps, one run at a time among all servers. Throws unavailable when another goes on.
   * @param patience how long to wait for a run that may have been killed, ms
   */
  run(signal: AbortSignal, watch: RetentionWatch, patience?: number): Promise<RetentionReport>;
}

const usualShare = 25;
const namesAtOnce = 500;

export function createRetention(parts: RetentionParts): Retention {
  const { metadata, rules, immutable, clock, by, share = usualShare } = parts;
  const { tagRoom, leases, housekeeping, repositories } = metadata;

  async function* covered(all: readonly Rule[]): AsyncGenerator<RepositoryName, void, void> {
    for (let last: RepositoryName | undefined = afterEngineNames; all.length > 0;) {
      const names: RepositoryName[] = await repositories.catalog({ limit: namesAtOnce, last });
      for (const name of names) if (!isCachedName(name) && all.some(({ covers }) => covers(name))) yield name;
      if (names.length < namesAtOnce) return;
      last = names.at(-1);
    }
  }

  /** Of one repository at a time; the moment is that of the beginning. */
  async function surveyor(compiled: readonly Rule[], signal: AbortSignal, worked: number) {
    const pace = createPace(() => worked, signal);
    const moment = { now: clock(), pullsKnownSince: await tagRoom.pullsKnownSince() };
    const { rows, breathe } = pace;
    return (repository: RepositoryName): Promise<Survey> =>
      surveyRepository({ tagRoom, immutable, rows, breathe }, repository, compiled, moment);
  }

  async function runNow(signal: AbortSignal, watch: RetentionWatch): Promise<RetentionReport> {
    const written = rules.current;
    const compiled = compileRules(written);
    const report: RetentionReport = { repositories: 0, tags: 0, kept: 0, removed: 0, stopped: false };
    const mark = rulesMark(written);
    const telling = tellingOf(housekeeping, clock, mark);
    try {
      await telling.begin();
      const survey = await surveyor(compiled, signal, share);
      for await (const repository of covered(compiled)) {
        if (rules.current !== written && rulesMark(rules.current) !== mark) {
          report.stopped = true;
          break;
        }
        const of = await survey(repository);
        const seen: RepositoryReport = { repository, tags: 0, removed: 0, rules: {} };
        report.repositories++;
        for await (const page of of.pages()) {
          const removed = await removeDecided({ tagRoom, clock, by }, of, page);
          for (const { rule = "" } of removed) seen.rules[rule] = (seen.rules[rule] ?? 0) + 1;
          seen.tags += page.length;
          seen.removed += removed.length;
          report.tags += page.length;
          report.removed += removed.length;
          report.kept = report.tags - report.removed;
          watch.looked?.(page.length);
          await telling.goOn(repository, report);
        }
        if (seen.removed > 0) watch.removed(seen);
      }
      await telling.end(report, undefined);
      return report;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      await telling.end(report, signal.aborted ? "it was stopped" : why).catch(() => undefined);
      throw error;
    }
  }

  return {
    async *preview(names, signal) {
      const compiled = compileRules(rules.current);
      const survey = await surveyor(compiled, signal, 100);
      for await (const repository of names ?? covered(compiled)) yield* (await survey(repository)).pages();
    },

    run: (signal, watch, patience) =>
      underLease(
        {
          ...{ leases, name: retentionLease, signal },
          what: "tags are being removed by a server or",
          ...(patience === undefined ? {} : { patience }),
        },
        (held) => runNow(held, watch),
      ),
  };
}
