import type { Finding, ImportReport } from "#maintenance/importing/import-report.ts";
import { plainText } from "../terminal/plain-text.ts";
import { sizeText } from "../terminal/size-text.ts";

/** Lines of one list at most; --json has them all. */
const shownAtMost = 200;

/** What an import did, for people. */
export function importSummary(report: ImportReport, dryRun: boolean): string {
  const { repositories, tags, manifests, blobs, bytes } = report;
  const ways = [
    [blobs.copied, dryRun ? "to bring" : "copied"],
    [blobs.cloned, "cloned"],
    [blobs.linked, "linked"],
    [blobs.mounted, "shared with another repository"],
    [blobs.there, "there already"],
  ] as const;
  const stale = report.stale > 0 ? [`${report.stale} listed there without bytes`] : [];
  const told = ways.filter(([count], i) => count > 0 || i === 0).map(([count, way]) => `${count} ${way}`);
  const set = dryRun ? "to set" : "set";
  const stored = dryRun ? "to store" : "stored";
  return [
    ...(dryRun ? ["Nothing was changed. An import would do this:"] : []),
    `Repositories  ${repositories}`,
    `Tags          ${tags.set} ${set}, ${tags.there} there already`,
    `Manifests     ${manifests.stored} ${stored}, ${manifests.there} there already`,
    `Blobs         ${[...told, ...stale].join(", ")}`,
    `Bytes         ${sizeText(bytes)}`,
    ...listed("Left out", report.leftOut),
    ...listed("The source itself lacks", report.lacking),
    "",
  ].join("\n");
}

function listed(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const lines = findings.slice(0, shownAtMost).map(({ repository, subject, why }) => {
    const name = subject === repository ? "" : ` ${subject}`;
    return `  ${plainText(`${repository}${name}: ${why}`)}`;
  });
  const more = findings.length - lines.length;
  return [
    `${title} (${findings.length}):`,
    ...lines,
    ...(more > 0 ? [`  … and ${more} more, see --json`] : []),
  ];
}
