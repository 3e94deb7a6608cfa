import type { TagDecision } from "#maintenance/retention/survey.ts";
import type { Io } from "../io.ts";
import { paint } from "../terminal/paint.ts";

const header = ["TAG", "BECOMES", "RULE", "WHY"];

/** Prints decisions, page by page, below the names of their repositories; each page has widths of its own. */
export function createDecisionTable(io: Io): (page: readonly TagDecision[]) => void {
  let last: string | undefined;
  return (page) => {
    const [first] = page;
    if (first === undefined) return;
    const rows = page.map(({ name, kept, rule, why }) => [name, kept ? "kept" : "removed", rule ?? "-", why]);
    const begins = first.repository !== last;
    const all = begins ? [header, ...rows] : rows;
    const widths = header.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
    if (begins) {
      io.stdout.write(`${last === undefined ? "" : "\n"}${paint("bold", first.repository, io.stdout, io)}\n`);
    }
    for (const row of all) {
      const line = row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
      io.stdout.write(`  ${line.trimEnd()}\n`);
    }
    last = first.repository;
  };
}

/** A decision for machines: times in ISO 8601. */
export function decisionJson({ repository, name, digest, updatedAt, kept, rule, why }: TagDecision) {
  const set_at = new Date(updatedAt).toISOString();
  return { repository, tag: name, digest, set_at, kept, rule: rule ?? null, why };
}
