import { UsageError } from "../usage-error.ts";

const units: Readonly<Record<string, number>> = { b: 0, k: 1, m: 2, g: 3, t: 4 };

/** Bytes as docker reads them: `512m`, `2g`, `2GiB`, `1048576`; units are powers of 1024. */
export function dockerSize(text: string, flag: string): number {
  const [, number, unit = "b"] = /^(\d+(?:\.\d+)?)\s*([bkmgt])?(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (number === undefined) throw new UsageError(`${flag} "${text}" is not a size; write such as 512m or 2g`);
  return Math.floor(Number(number) * 1024 ** (units[unit.toLowerCase()] ?? 0));
}
