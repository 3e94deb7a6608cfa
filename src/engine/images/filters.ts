import type { Filters } from "#core/engine/filters.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import { AppError } from "#core/errors.ts";
import { familiar } from "#oci/image-reference.ts";
import { hasLabel } from "../labels.ts";
import { timeOf } from "../times.ts";
import { createNamePattern } from "./name-pattern.ts";
import { repositoryIn } from "./read-name.ts";

/** Throws engine-invalid in docker's words for a filter that isn't among `known`. */
export function checkFilters(filters: Filters, known: readonly string[]): void {
  for (const key of filters.keys())
    if (!known.includes(key)) throw new AppError("engine-invalid", `Invalid filter '${key}'`);
}

/** A filter of yes or no; undefined: it isn't there. */
export function readFlag(filters: Filters, key: string): boolean | undefined {
  const values = filters.get(key);
  if (values === undefined || values.length === 0) return undefined;
  if (values.every((value) => value === "true" || value === "1")) return true;
  if (values.every((value) => value === "false" || value === "0")) return false;
  throw new AppError("engine-invalid", `Invalid filter '${key}=[${values.join(" ")}]'`);
}

/** Has all of the labels, `key` or `key=value`. */
export function hasLabels({ config }: ImageRecord, wanted: readonly string[]): boolean {
  return wanted.every((text) => hasLabel(config.config.Labels ?? {}, text));
}

/** Whether a name matches the pattern, as people write it: with its tag or without. `*`, `?` stop at a slash. */
export function createNameMatch(pattern: string): (name: string) => boolean {
  const matches = createNamePattern(pattern);
  return (name) => matches(familiar(name)) || matches(familiar(repositoryIn(name)));
}

/** ms since 1970; 0: it doesn't say. */
export function createdAt({ config }: ImageRecord): number {
  return timeOf(config.created ?? "");
}
