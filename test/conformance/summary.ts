import type { Results } from "./results.ts";

const begin = "<!-- conformance:begin (written by npm run conformance -- --write-docs) -->";
const end = "<!-- conformance:end -->";

/** What a run is called in the documentation. */
export interface RunFacts {
  /** Of Berth. */
  version: string;
  /** Of the suite, such as its commit. */
  suite: string | undefined;
  /** Day of the run. */
  date: Date;
}

/** The tables for docs/conformance.md, as Prettier would write them. */
export function summaryOf({ counts, endpoints, contents, version }: Results, run: RunFacts): string {
  const total = Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);
  const day = run.date.toISOString().slice(0, 10);
  return [
    `Berth ${run.version}, ${day}, suite ${run.suite ?? "of unknown version"}, specification ${version}:`,
    table(
      ["Total", "Pass", "Fail", "Error", "Skip", "Disabled"],
      [[total, counts.pass, counts.fail, counts.error, counts.skip, counts.disabled].map(String)],
    ),
    table(["End-point", "Result"], endpoints),
    table(["Content", "Result"], contents),
  ].join("\n\n");
}

/** `document` with everything between the two markers replaced. Throws when they aren't there. */
export function withSummary(document: string, summary: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document lacks the lines ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${summary}\n\n${document.slice(to)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill: string) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head, " "), line([], "-"), ...rows.map((row) => line(row, " "))].join("\n");
}
