import type { Unit } from "../measurement.ts";

/** A row's value as tables show it. */
export function withUnit(value: number, unit: Unit): string {
  if (unit === "clients") return `${value.toFixed(0)} clients`;
  return unit === "×" ? `${rounded(value)}×` : `${rounded(value)} ${unit}`;
}

/** Three figures, with thousands set apart. */
export function rounded(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
