import { settingFlags, type Setting } from "./options.ts";
import type { Results } from "./results.ts";

/** The part of the page for each setting. */
function markers(setting: Setting): { begin: string; end: string } {
  const flags = settingFlags.filter((flag) => setting[flag]);
  const name = ["conformance", ...flags].join("-");
  const command = ["npm run conformance -- --write-docs", ...flags.map((flag) => `--${flag}`)].join(" ");
  return { begin: `<!-- ${name}:begin (written by ${command}) -->`, end: `<!-- ${name}:end -->` };
}

/** What a run is called in the documentation. */
export interface RunFacts {
  /** Of Berth. */
  version: string;
  /** Of the suite, such as its commit. */
  suite: string | undefined;
  /** Day of the run. */
  date: Date;
  setting: Setting;
}

/** The tables (beside the plain setting's only the totals) for docs/conformance.md, as Prettier would write them. */
export function summaryOf({ counts, endpoints, contents, version }: Results, run: RunFacts): string {
  const total = Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);
  const day = run.date.toISOString().slice(0, 10);
  const head = [
    `Berth ${run.version}, ${day}, suite ${run.suite ?? "of unknown version"}, specification ${version}:`,
    table(
      ["Total", "Pass", "Fail", "Error", "Skip", "Disabled"],
      [[total, counts.pass, counts.fail, counts.error, counts.skip, counts.disabled].map(String)],
    ),
  ];
  if (settingFlags.some((flag) => run.setting[flag])) return head.join("\n\n");
  return [...head, table(["End-point", "Result"], endpoints), table(["Content", "Result"], contents)].join(
    "\n\n",
  );
}

/** `document` with everything between the setting's two markers replaced. Throws when they aren't there. */
export function withSummary(document: string, summary: string, setting: Setting): string {
  const { begin, end } = markers(setting);
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
