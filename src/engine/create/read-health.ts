import type { Healthcheck } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { JsonFields } from "./json-fields.ts";

const millisecond = 1_000_000;
const durations = ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const;

/** Undefined: nothing was said of it. Throws engine-invalid, in docker's words. */
export function readHealth(fields: JsonFields | undefined): Healthcheck | undefined {
  if (fields === undefined) return undefined;
  const read: Healthcheck = { Test: fields.texts("Test") };
  const [kind] = read.Test;
  if (kind !== undefined && !["", "NONE", "CMD", "CMD-SHELL"].includes(kind))
    throw new AppError("engine-invalid", `Unknown healthcheck type '${kind}' (expected 'CMD')`);
  for (const key of durations) {
    const value = fields.whole(key);
    if (value !== 0 && value < millisecond)
      throw new AppError("engine-invalid", `${key} in Healthcheck cannot be less than 1ms`);
    if (value !== 0) read[key] = value;
  }
  const retries = fields.whole("Retries");
  if (retries < 0) throw new AppError("engine-invalid", "Retries in Healthcheck cannot be negative");
  if (retries !== 0) read.Retries = retries;
  return read;
}
