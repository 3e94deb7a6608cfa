import { rounded, withUnit } from "./figure.ts";
import type { Results, RowResults } from "./results.ts";
import { quotient, verdictsOf, type Verdict } from "./verdict.ts";

export interface Table {
  title: string;
  head: string[];
  lines: string[][];
}

/** The tables of a run: figures with ratios, targets, latencies, peak memory. */
export function tablesOf(results: Results): Table[] {
  const { servers, rows } = results;
  const head = (last: string[]) => ["work", ...servers.map((server) => server.label), ...last];
  const each = (cell: (row: RowResults, id: string) => string) => (row: RowResults) => [
    row.title,
    ...servers.map((server) => cell(row, server.id)),
  ];
  const verdicts = rows.flatMap((row) => verdictsOf(results, row.name).map((verdict) => ({ row, verdict })));
  return [
    {
      title: rows.some((row) => row.unit === "×")
        ? "Medians; in brackets Berth ÷ that server, or the two times that a ratio is of"
        : "Medians; in brackets Berth ÷ that server",
      head: head([]),
      lines: rows.map(each(figure)),
    },
    {
      title: "Targets",
      head: ["work", "target", "reached", ""],
      lines: verdicts.map(({ row, verdict }) => [
        row.title,
        verdict.text,
        reachedText(verdict, row),
        markOf(verdict),
      ]),
    },
    {
      title: "Latency p50 / p99, ms",
      head: head([]),
      lines: rows.filter((row) => known(row, "p50")).map(each(latency)),
    },
    {
      title: "Single operations p50 / p95, ms",
      head: head([]),
      lines: rows.filter((row) => known(row, "each")).map(each(single)),
    },
    {
      title: "Peak memory over all processes, PSS / RSS, MB",
      head: head([]),
      lines: rows.filter((row) => known(row, "rss")).map(each(memory)),
    },
  ].filter((table) => table.lines.length > 0);
}

function known({ servers }: RowResults, what: "p50" | "rss" | "each"): boolean {
  return Object.values(servers).some((server) => server[what] !== undefined);
}

function figure(row: RowResults, id: string): string {
  const one = row.servers[id];
  if (one === undefined) return "–";
  if (one.error !== undefined) return "broke";
  if (one.value === undefined) return "–";
  const text = withUnit(one.value, row.unit);
  if (row.unit === "clients") return text;
  if (row.unit === "×") {
    if (one.through === undefined || one.direct === undefined) return text;
    return `${text} (${rounded(one.through)} ÷ ${rounded(one.direct)} ms)`;
  }
  const ratio = id === "berth" ? undefined : quotient(row.servers["berth"]?.value, one.value);
  return ratio === undefined ? text : `${text} (${ratio.toFixed(2)}×)`;
}

function latency(row: RowResults, id: string): string {
  const one = row.servers[id];
  return one?.p50 === undefined || one.p99 === undefined ? "–" : `${rounded(one.p50)} / ${rounded(one.p99)}`;
}

function single(row: RowResults, id: string): string {
  const one = row.servers[id]?.each;
  return one === undefined ? "–" : `${rounded(one.p50)} / ${rounded(one.p95)}`;
}

function memory(row: RowResults, id: string): string {
  const one = row.servers[id];
  if (one?.pss === undefined || one.rss === undefined) return "–";
  return `${(one.pss / 1e6).toFixed(0)} / ${(one.rss / 1e6).toFixed(0)}`;
}

function reachedText({ reached, target }: Verdict, { unit }: RowResults): string {
  if (reached === undefined) return "–";
  if (!("value" in target.of)) return `${reached.toFixed(2)}×`;
  if (target.of.value === "peak-memory") return `${(reached / 1e6).toFixed(0)} MB`;
  return unit === "ms" ? `${reached.toFixed(0)} ms` : withUnit(reached, unit);
}

export const marks = { met: "met", missed: "missed", open: "not measured" };

function markOf({ met }: Verdict): string {
  return met === undefined ? marks.open : met ? marks.met : marks.missed;
}

/** Why figures are missing, a line for each server and reason. */
export function notesOf(results: Results): string[] {
  const titles = new Map<string, string[]>();
  for (const row of results.rows) {
    for (const { id, label } of results.servers) {
      const one = row.servers[id];
      const why = one?.error === undefined ? one?.note : `broke: ${one.error.split("\n")[0]}`;
      if (why === undefined) continue;
      const key = `${label} ${why}`;
      titles.set(key, [...(titles.get(key) ?? []), row.name]);
    }
  }
  return [...titles].map(([why, rows]) => `${why} (${rows.join(", ")})`);
}
