import { Unreadable, quoted } from "./unreadable.ts";

const UNITS: readonly (readonly [string, number])[] = [
  ["TiB", 2 ** 40],
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["KB", 1e3],
  ["B", 1],
];

/** Bytes of `4MiB`, `10GB`, `4194304`. Binary units are powers of 1024, the others of 1000. */
export function parseSize(value: unknown): number {
  const match = /^(\d{1,16}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(String(value).trim());
  const unit = match?.[2]?.toLowerCase() ?? "";
  const factor = unit === "" ? 1 : UNITS.find(([name]) => name.toLowerCase() === unit)?.[1];
  const bytes = match && factor !== undefined ? Number(match[1]) * factor : NaN;
  if (!Number.isSafeInteger(bytes) || (typeof value !== "string" && typeof value !== "number")) {
    throw new Unreadable(
      `${quoted(value)} is not a size; write bytes or a unit, such as 4194304, 4MiB or 10GB`,
    );
  }
  return bytes;
}

/** The shortest exact spelling that `parseSize` reads back: 4194304 → `4MiB`. */
export function formatSize(bytes: number): string {
  const unit = UNITS.find(([, factor]) => bytes >= factor && bytes % factor === 0);
  return unit && unit[1] > 1 ? `${bytes / unit[1]}${unit[0]}` : String(bytes);
}
