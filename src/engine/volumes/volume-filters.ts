import type { Filters } from "#core/engine/filters.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import { AppError } from "#core/errors.ts";
import { hasLabel } from "../labels.ts";

type Test = (volume: VolumeRecord, value: string, used: (name: string) => boolean) => boolean;

const tests: Readonly<Record<string, Test>> = {
  name: ({ name }, value) => name.includes(value),
  driver: ({ driver }, value) => driver === value,
  label: ({ labels }, value) => hasLabel(labels, value),
  "label!": ({ labels }, value) => !hasLabel(labels, value),
  dangling: ({ name }, value, used) => used(name) !== isTrue(value),
};

/** Throws engine-invalid for a filter or value that there is not. */
export function checkVolumeFilters(filters: Filters, known: readonly string[]): void {
  for (const [key, values] of filters) {
    if (!known.includes(key)) throw new AppError("engine-invalid", `invalid filter '${key}'`);
    const wrong = values.find((value) => !/^(1|0|t|f|true|false)$/i.test(value));
    if ((key === "dangling" || key === "all") && wrong !== undefined)
      throw new AppError("engine-invalid", `invalid filter '${key}=${wrong}'`);
  }
}

export function volumePasses(
  volume: VolumeRecord,
  filters: Filters,
  used: (name: string) => boolean,
): boolean {
  for (const [key, values] of filters) {
    const test = tests[key];
    if (test === undefined || values.length === 0) continue;
    const meets = (value: string) => test(volume, value, used);
    if (key.startsWith("label") ? !values.every(meets) : !values.some(meets)) return false;
  }
  return true;
}

/** Of a filter: `1`, `true`. */
export function isTrue(value: string): boolean {
  return /^(1|t|true)$/i.test(value);
}
