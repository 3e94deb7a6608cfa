import { AppError } from "#core/errors.ts";
import type { Filters } from "#core/engine/filters.ts";
import { parseFilters } from "./filters.ts";
import { parseTimestamp } from "./timestamp.ts";

/** A query as docker's clients write it. */
export interface Query {
  /** "" where it isn't there. */
  text(name: string): string;
  all(name: string): string[];
  has(name: string): boolean;
  /** The CLI writes `1`, others `True`; "", 0, no, false, none are false. */
  flag(name: string, otherwise?: boolean): boolean;
  /** Throws engine-invalid for what is no whole number. */
  integer(name: string): number | undefined;
  /** ns since 1970. Throws engine-invalid. */
  time(name: string): bigint | undefined;
  /** Throws engine-invalid. */
  filters(): Filters;
}

const falsehoods = new Set(["", "0", "no", "false", "none"]);

export function readQuery(querystring: string): Query {
  const parameters = new URLSearchParams(querystring);
  const text = (name: string) => parameters.get(name) ?? "";
  return {
    text,
    all: (name) => parameters.getAll(name),
    has: (name) => parameters.has(name),
    flag(name, otherwise = false) {
      const value = parameters.get(name);
      return value === null ? otherwise : !falsehoods.has(value.trim().toLowerCase());
    },
    integer(name) {
      const value = text(name);
      if (value === "") return undefined;
      if (!/^[+-]?\d{1,15}$/.test(value))
        throw new AppError(
          "engine-invalid",
          `invalid value for ${name}: ${JSON.stringify(value)} is no whole number`,
        );
      return Number(value);
    },
    time(name) {
      const value = text(name);
      return value === "" ? undefined : parseTimestamp(name, value);
    },
    filters: () => parseFilters(text("filters")),
  };
}
