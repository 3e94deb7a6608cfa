import type { Results } from "./results.ts";
import { marks, notesOf, tablesOf, type Table } from "./table.ts";

const green = "\u001b[32m";
const red = "\u001b[31m";
const bold = "\u001b[1m";
const plain = "\u001b[0m";

/** A run's tables as text, columns aligned, and why figures are missing. */
export function terminalText(results: Results, colours: boolean): string {
  const notes = notesOf(results).map((note) => `${note}\n`);
  return [...tablesOf(results).map((table) => one(table, colours)), notes.join("")].join("\n");
}

function one(table: Table, colours: boolean): string {
  const widths = table.head.map((head, i) =>
    Math.max(head.length, ...table.lines.map((line) => (line[i] ?? "").length)),
  );
  const row = (cells: string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  const lines = [row(table.head), ...table.lines.map((line) => coloured(row(line), line.at(-1), colours))];
  return [colours ? bold + table.title + plain : table.title, ...lines, ""].join("\n");
}

function coloured(text: string, last: string | undefined, colours: boolean): string {
  if (!colours) return text;
  if (last === marks.met) return green + text + plain;
  return last === marks.missed ? red + text + plain : text;
}
