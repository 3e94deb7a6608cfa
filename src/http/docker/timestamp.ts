import { AppError } from "#core/errors.ts";

const second = 1_000_000_000n;

/**
 * Unix seconds with up to nine digits behind the dot (the client has made them of dates and durations), or RFC 3339.
 * Gives ns since 1970. Throws engine-invalid.
 */
export function parseTimestamp(name: string, text: string): bigint {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,18}))?$/.exec(text);
  if (match !== null) {
    const [, sign, seconds = "0", fraction = ""] = match;
    const time = BigInt(seconds) * second + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
    return sign === "-" ? -time : time;
  }
  const ns = /^\d{4}-\d\d-\d\dT/.test(text) ? nanoseconds(text) : undefined;
  if (ns === undefined)
    throw new AppError(
      "engine-invalid",
      `invalid value for ${name}: ${JSON.stringify(text)} is no unix time`,
    );
  return ns;
}

/** An RFC 3339 time with up to nine digits. Undefined: it is none. */
function nanoseconds(text: string): bigint | undefined {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const digits = /\.(\d{1,9})/.exec(text)?.[1] ?? "";
  return BigInt(Math.floor(ms / 1000)) * second + BigInt(digits.padEnd(9, "0"));
}
