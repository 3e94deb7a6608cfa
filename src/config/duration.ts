import { Unreadable, quoted } from "./unreadable.ts";

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** Milliseconds of `500ms`, `60s`, `15m`, `24h`, `7d`. A number without a unit is refused: it would be a guess. */
export function parseDuration(value: unknown): number {
  const match =
    typeof value === "string" ? /^(\d{1,12}(?:\.\d{1,3})?)\s*([a-z]+)$/i.exec(value.trim()) : null;
  const factor = UNITS.find(([name]) => name === match?.[2]?.toLowerCase())?.[1];
  const ms = match && factor !== undefined ? Number(match[1]) * factor : NaN;
  if (!Number.isSafeInteger(ms)) {
    throw new Unreadable(
      `${quoted(value)} is not a duration; write a number with ms, s, m, h or d, such as 500ms, 60s or 24h`,
    );
  }
  return ms;
}

/** The shortest exact spelling that `parseDuration` reads back: 60000 → `1m`. */
export function formatDuration(ms: number): string {
  const [name, factor] = UNITS.find(([, factor]) => ms >= factor && ms % factor === 0) ?? ["ms", 1];
  return `${ms / factor}${name}`;
}
