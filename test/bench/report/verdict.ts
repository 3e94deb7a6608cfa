import { targets, type Target } from "../targets.ts";
import type { Results, ServerResults } from "./results.ts";

export interface Verdict {
  target: Target;
  /** The ratio or value reached; undefined when something needed wasn't measured. */
  reached: number | undefined;
  met: boolean | undefined;
  /** Such as `≥ 2.5× Distribution 3.1.2`. */
  text: string;
}

/** Names for servers that a run went without. */
const absent: Record<string, string> = { "distribution-3": "Distribution 3" };

/** What each target of a row came to. Peaks count at their highest round, everything else by medians. */
export function verdictsOf(results: Results, row: string): Verdict[] {
  return targets.filter((target) => target.row === row).map((target) => judge(results, target));
}

function judge(results: Results, target: Target): Verdict {
  const { of, limit, kind } = target;
  const own = find(results, target.row, "berth");
  let reached: number | undefined;
  let text: string;
  if ("server" in of) {
    const label =
      results.servers.find((server) => server.id === of.server)?.label ?? absent[of.server] ?? of.server;
    reached = quotient(own?.value, find(results, target.row, of.server)?.value);
    text = `${limit}× ${label}`;
  } else if ("row" in of) {
    const title = results.rows.find((row) => row.name === of.row)?.title ?? of.row;
    reached = quotient(own?.value, find(results, of.row, "berth")?.value);
    text = `${limit}× ${title}`;
  } else if (of.value === "peak-memory") {
    const peaks = own?.error === undefined ? (own?.rounds.map((round) => round.memory?.pss) ?? []) : [];
    const known = peaks.filter((peak) => peak !== undefined);
    reached = known.length === 0 ? undefined : Math.max(...known);
    text = `${limit / 1e6} MB at peak`;
  } else {
    reached = own?.value;
    const unit = results.rows.find((row) => row.name === target.row)?.unit ?? "ms";
    text = unit === "×" ? `${limit}×` : `${limit} ${unit}`;
  }
  const met = reached === undefined ? undefined : kind === "at-least" ? reached >= limit : reached <= limit;
  return { target, reached, met, text: `${kind === "at-least" ? "≥" : "≤"} ${text}` };
}

function find(results: Results, row: string, server: string): ServerResults | undefined {
  return results.rows.find((one) => one.name === row)?.servers[server];
}

/** How many times `own` is as much as `other`. */
export function quotient(own: number | undefined, other: number | undefined): number | undefined {
  return own === undefined || other === undefined || other === 0 ? undefined : own / other;
}
