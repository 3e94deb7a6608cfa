import type { z } from "zod";
import type { Fault } from "./fault.ts";
import { keys, type Key } from "./keys.ts";
import { didYouMean } from "./nearest-name.ts";
import { originOf, pathText } from "./place.ts";
import type { WrittenValues } from "./written-values.ts";

/** The schema's issues as faults, each with its key path and the place where the value was written. */
export function schemaFaults(issues: readonly z.core.$ZodIssue[], values: WrittenValues): Fault[] {
  return issues.flatMap((issue) => {
    const key = keys.find(({ path }) => path.every((name, index) => issue.path[index] === name));
    const written = key && values.get(key.name);
    // The short form of a list is one word: then its place inside the list says nothing to who wrote it.
    const inside = key && Array.isArray(written?.value) ? issue.path.slice(key.path.length) : [];
    const path = [...(key?.path ?? issue.path), ...inside];
    const place = { key: pathText(path), origin: originOf(written, inside) };
    const names = namesAt(key, inside);
    if (issue.code !== "unrecognized_keys") return [{ ...place, message: messageOf(issue, names) }];
    return issue.keys.map((name) => ({
      ...place,
      key: `${place.key}.${name}`,
      message: `is not a key of Berth${didYouMean(name, names)}`,
    }));
  });
}

/** Keys that may stand at a place inside a list: those of a section in its items are written `section.key`. */
function namesAt(key: Key | undefined, inside: readonly PropertyKey[]): readonly string[] {
  const items = key?.items ?? [];
  const section = `${String(inside.at(-1))}.`;
  const below = items.filter((name) => name.startsWith(section)).map((name) => name.slice(section.length));
  return below.length > 0 ? below : items;
}

function messageOf(issue: z.core.$ZodIssue, items: readonly string[]): string {
  if (issue.code !== "invalid_type") return issue.message;
  if (issue.expected === "array") return "must be a list";
  return `must have the keys ${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
