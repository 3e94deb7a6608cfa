import { AppError } from "#core/errors.ts";

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** ms since 1970 that an `until` filter means: a duration before now, a time, or seconds since 1970. Throws engine-invalid. */
export function readUntil(text: string, now: number): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) {
    let back = 0;
    for (const [, count = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
      back += Number(count) * (units[unit] ?? 0);
    return now - back;
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new AppError(
      "engine-invalid",
      `failed to parse value as time or duration: ${JSON.stringify(text)}`,
    );
  return time;
}
