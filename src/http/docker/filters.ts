import { AppError } from "#core/errors.ts";
import type { Filters } from "#core/engine/filters.ts";

/**
 * Filters in both forms of the wire: `{"label":{"a=b":true}}` and `{"label":["a=b"]}`; "" are none.
 * Throws engine-invalid.
 */
export function parseFilters(text: string): Filters {
  const filters = new Map<string, readonly string[]>();
  if (text === "") return filters;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new AppError("engine-invalid", "invalid filter: it is not JSON", { cause });
  }
  if (parsed === null) return filters;
  if (typeof parsed !== "object" || Array.isArray(parsed)) throw shapeless();
  for (const [key, values] of Object.entries(parsed)) filters.set(key, valuesOf(values));
  return filters;
}

function valuesOf(values: unknown): string[] {
  if (values === null) return [];
  const list: unknown[] = Array.isArray(values)
    ? values
    : typeof values === "object"
      ? Object.keys(values)
      : [undefined];
  return list.map((value) => {
    if (typeof value === "string") return value;
    // docker-py sends booleans and numbers as they are.
    if (typeof value === "boolean" || typeof value === "number") return String(value);
    throw shapeless();
  });
}

function shapeless(): AppError {
  return new AppError("engine-invalid", 'invalid filter: it must look like {"label":["a=b"]}');
}
