import { digestOf } from "#oci/digest.ts";
import type { Clock } from "#core/clock.ts";
import type { Housekeeping } from "#core/metadata/housekeeping.ts";
import type { RetentionReport } from "./retention-report.ts";
import type { RetentionRule } from "./rules.ts";

/** ms */
const atMostEvery = 2_000;

/** Tells rules from others: short, the same for the same rules. */
export function rulesMark(rules: readonly RetentionRule[]): string {
  return digestOf("sha256", Buffer.from(JSON.stringify(rules))).slice(
    "sha256:".length,
    "sha256:".length + 12,
  );
}

/** Says how far a run is where people look (core/metadata/housekeeping). */
export function tellingOf(housekeeping: Pick<Housekeeping, "tell">, clock: Clock, rules: string) {
  const startedAt = clock();
  let told = -Infinity;

  async function tell(
    progress: Record<string, string | number>,
    endedAt: number | undefined,
    fault: string | undefined,
  ): Promise<void> {
    told = performance.now();
    await housekeeping.tell({
      ...{ kind: "retention" as const, startedAt, seenAt: clock(), endedAt, fault },
      progress: { ...progress, rules },
    });
  }

  const counts = ({ repositories, tags, kept, removed }: RetentionReport) => ({
    ...{ repositories, tags, kept, removed },
  });
  return {
    begin: () => tell({}, undefined, undefined),
    async goOn(repository: string, report: RetentionReport): Promise<void> {
      if (performance.now() - told < atMostEvery) return;
      await tell({ step: repository, ...counts(report) }, undefined, undefined);
    },
    end: (report: RetentionReport, fault: string | undefined) => tell(counts(report), clock(), fault),
  };
}
