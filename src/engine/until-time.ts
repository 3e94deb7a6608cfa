import type { Filters } from "#core/engine/filters.ts";
import { AppError } from "#core/errors.ts";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The filter `until` as ms since 1970: a time, seconds since 1970, or a duration before now. Throws engine-invalid. */
export function untilTime(filters: Filters, now: bigint): number | undefined {
  const values = filters.get("until");
  if (values === undefined || values.length === 0) return undefined;
  const [text = ""] = values;
  if (values.length > 1) throw new AppError("engine-invalid", "more than one until filter specified");
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length > 0 && parts.map(([all]) => all).join("") === text) {
    const duration = parts.reduce(
      (sum, [, number, unit = ""]) => sum + Number(number) * (units[unit] ?? 0),
      0,
    );
    return Number(now / 1_000_000n) - duration;
  }
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new AppError("engine-invalid", `failed to parse value as time or duration: "${text}"`);
  return time;
}
