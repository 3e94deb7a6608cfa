import { readFile, writeFile } from "node:fs/promises";
import type { Results } from "./results.ts";
import { notesOf, tablesOf, type Table } from "./table.ts";

/** Puts a run's tables between its group's markers of the document; the text around them, and other groups', stays. */
export async function writeDocs(file: string, results: Results): Promise<void> {
  const text = await readFile(file, "utf8");
  const mark = results.group === "disk" ? "bench" : `bench-${results.group}`;
  const [begin, end] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} lacks the lines ${begin} and ${end}`);
  await writeFile(file, `${text.slice(0, from + begin.length)}\n\n${markdown(results)}\n${text.slice(to)}`);
}

function markdown(results: Results): string {
  const { machine, settings } = results;
  const facts = [
    `${machine.cores} cores`,
    `SHA instructions (sha_ni): ${machine.shaInstructions === undefined ? "unknown" : machine.shaInstructions ? "yes" : "no"}`,
    `${machine.memoryGiB} GiB memory`,
    `Linux ${machine.kernel}`,
    `data on ${machine.fileSystem}`,
    `Node ${machine.node}`,
    ...(results.client === undefined ? [] : [results.client]),
  ];
  // Containers are counted, not timed by the clock.
  const length = results.group === "engine" ? "" : `, ${settings.seconds} s each`;
  const text = [
    `Run of ${results.date.slice(0, 10)}: ${settings.rounds} rounds${length}. ${facts.join(", ")}.`,
    "",
  ];
  for (const table of tablesOf(results)) text.push(`### ${table.title}`, "", ...tableLines(table), "");
  const notes = notesOf(results);
  if (notes.length > 0) text.push(...notes.map((note) => `- ${note}`), "");
  return text.join("\n");
}

function tableLines(table: Table): string[] {
  const widths = table.head.map((head, i) =>
    Math.max(3, head.length, ...table.lines.map((line) => (line[i] ?? "").length)),
  );
  const row = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [
    row(table.head),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...table.lines.map(row),
  ];
}
