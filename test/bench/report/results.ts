import type { Measurement, Unit } from "../measurement.ts";
import { median, percentile } from "../statistics.ts";
import type { MachineFacts } from "../machine.ts";
import type { Settings } from "../settings.ts";
import type { GroupName } from "../workloads/all.ts";
import type { Row } from "../workloads/workload.ts";

/** Everything one run saw; this is the JSON file. */
export interface Results {
  /** ISO 8601, when the run began. */
  date: string;
  /** Which rows were to be measured. */
  group: GroupName;
  machine: MachineFacts;
  settings: Settings;
  servers: { id: string; label: string }[];
  /** What caches pulled from. */
  upstream?: string;
  /** What asked engines, with its version. */
  client?: string;
  rows: RowResults[];
}

export interface RowResults {
  name: string;
  title: string;
  unit: Unit;
  /** By server id. */
  servers: Record<string, ServerResults>;
}

export interface ServerResults {
  /** One a round. */
  rounds: Measurement[];
  /** Medians over the rounds. */
  value?: number;
  /** Of which two times a ratio is, ms. */
  through?: number;
  direct?: number;
  p50?: number;
  p99?: number;
  /** Of all rounds' single operations together, ms. */
  each?: { p50: number; p95: number };
  bytesPerSecond?: number;
  pss?: number;
  rss?: number;
  /** Why there is no figure, though nothing broke. */
  note?: string;
  /** What broke. */
  error?: string;
}

export function emptyRow(row: Row): RowResults {
  return { ...row, servers: {} };
}

/** Fills the medians in. A round that broke leaves the row without them: half a figure is none. */
export function addMedians(results: ServerResults): void {
  const { rounds } = results;
  if (rounds.length === 0 || results.error !== undefined) return;
  const over = (pick: (measurement: Measurement) => number | undefined) => {
    const values = rounds.map(pick).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const medians = {
    value: over((round) => round.value),
    through: over((round) => round.of?.through),
    direct: over((round) => round.of?.direct),
    p50: over((round) => round.load?.p50),
    p99: over((round) => round.load?.p99),
    bytesPerSecond: over((round) => round.load && round.load.bytes / round.load.seconds),
    pss: over((round) => round.memory?.pss),
    rss: over((round) => round.memory?.rss),
  };
  const times = rounds.flatMap((round) => round.times ?? []);
  if (times.length > 0) results.each = { p50: median(times), p95: percentile(times, 0.95) };
  for (const [key, value] of Object.entries(medians))
    if (value !== undefined) Object.assign(results, { [key]: value });
}
