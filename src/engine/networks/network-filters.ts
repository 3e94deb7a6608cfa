import type { Filters } from "#core/engine/filters.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { hasLabel } from "../labels.ts";
import { untilTime } from "../until-time.ts";
import { predefined } from "./network-mode.ts";

type Test = (network: NetworkRecord, used: boolean, value: string) => boolean;

const tests: Readonly<Record<string, Test>> = {
  name: ({ name }, _, value) => name.includes(value),
  id: ({ id }, _, value) => id.startsWith(value),
  driver: ({ driver }, _, value) => driver === value,
  type: ({ name }, _, value) => (value === "builtin") === predefined.has(name),
  scope: (_, __, value) => value === "local",
  dangling: ({ name }, used, value) => isTrue(value) === (!used && !predefined.has(name)),
  label: ({ labels }, _, value) => hasLabel(labels, value),
};

/** Which networks a listing shows. Values of a key are alternatives; all labels must be there. Throws engine-invalid. */
export function listFilter(filters: Filters): (network: NetworkRecord, used: boolean) => boolean {
  check(filters, Object.keys(tests));
  for (const value of filters.get("type") ?? [])
    if (value !== "builtin" && value !== "custom")
      throw new AppError("engine-invalid", `invalid filter: 'type'='${value}'`);
  for (const value of filters.get("dangling") ?? [])
    if (!/^(true|false|1|0)$/.test(value))
      throw new AppError("engine-invalid", `invalid filter 'dangling=[${value}]'`);
  return (network, used) =>
    [...filters].every(([key, values]) => {
      const fits = (value: string) => tests[key]?.(network, used, value) ?? false;
      return values.length === 0 || (key === "label" ? values.every(fits) : values.some(fits));
    });
}

/** Which networks a prune may take. @param now ms. */
export function pruneFilter(filters: Filters, now: number): (network: NetworkRecord) => boolean {
  check(filters, ["label", "label!", "until"]);
  const until = untilTime(filters, BigInt(Math.floor(now)) * 1_000_000n);
  return ({ labels, created }) =>
    (filters.get("label") ?? []).every((value) => hasLabel(labels, value)) &&
    !(filters.get("label!") ?? []).some((value) => hasLabel(labels, value)) &&
    (until === undefined || Date.parse(created) <= until);
}

function check(filters: Filters, known: readonly string[]): void {
  for (const key of filters.keys())
    if (!known.includes(key)) throw new AppError("engine-invalid", `invalid filter '${key}'`);
}

const isTrue = (value: string) => value === "true" || value === "1";
