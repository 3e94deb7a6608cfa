import type { Collected } from "#app/verbs/collect-garbage.ts";
import type { Reason, ReasonReport } from "#maintenance/gc/gc-report.ts";
import { publicName } from "#core/cached-name.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { sizeText } from "../terminal/size-text.ts";

/** What each reason is about, one and several, and why it goes. */
const words: Readonly<Record<Reason, readonly [one: string, many: string, why: string]>> = {
  unfinished: ["upload", "uploads", "unfinished, and nobody went on with it (uploads.expire_after)"],
  untagged: ["manifest", "manifests", "no tag and no index names it (gc.untagged)"],
  referrer: ["referrer", "referrers", "the subject is gone (gc.referrers)"],
  signature: ["signature tag", "signature tags", "the subject is gone (gc.referrers)"],
  unused: ["blob", "blobs", "no manifest names it (gc.grace)"],
  stray: ["stray file", "stray files", "the metadata doesn't know it (gc.grace)"],
};

/** For a terminal: what went or would go, how much, why, and where. */
export function gcSummary(report: Collected): string {
  const { dryRun, reasons, freed, waiting } = report;
  const lines = reasons.flatMap(reasonLines);
  const bytes = reasons.reduce((sum, one) => sum + one.bytes, 0);
  if (dryRun) {
    lines.push(reasons.length === 0 ? "nothing would go" : `${sizeText(bytes)} would go`);
    if (waiting.blobs > 0) lines.push(`${amount(waiting)} went before and ${waits(report)}`);
    return text(lines);
  }
  if (freed.blobs > 0) lines.push(`freed: ${amount(freed)}`);
  if (waiting.blobs > 0) lines.push(`${amount(waiting)} ${waits(report)}`);
  return text(lines.length === 0 ? ["nothing to remove"] : lines);
}

const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");

function reasonLines({ reason, count, bytes, repositories }: ReasonReport): string[] {
  const [one, many, why] = words[reason];
  const size = bytes > 0 ? `, ${sizeText(bytes)}` : "";
  return [
    `${count} ${count === 1 ? one : many}${size}: ${why}`,
    ...repositories.map(({ repository, count, examples }) => {
      const more = count > examples.length ? ` and ${count - examples.length} more` : "";
      const where = repository === "" ? "" : `${publicName(repository as RepositoryName)}: `;
      return `  ${where}${examples.join(", ")}${more}`;
    }),
  ];
}

function amount({ blobs, bytes }: { blobs: number; bytes: number }): string {
  return `${sizeText(bytes)} in ${blobs} ${blobs === 1 ? "blob" : "blobs"}`;
}

function waits({ served }: Collected): string {
  return served === false
    ? "wait until nobody can be reading them: run berth gc again, or start the server"
    : "wait until nobody can be reading them: the server removes them then";
}
