import type { z } from "zod";
import type { Fault, Origin } from "./fault.ts";
import { keys, type Key } from "./keys.ts";
import { didYouMean } from "./nearest-name.ts";
import type { Written, WrittenValues } from "./written-values.ts";

/** The schema's issues as faults, each with its key path and the place where the value was written. */
export function schemaFaults(issues: readonly z.core.$ZodIssue[], values: WrittenValues): Fault[] {
  return issues.flatMap((issue) => {
    const key = keys.find(({ path }) => path.every((name, index) => issue.path[index] === name));
    const written = key && values.get(key.name);
    // The short form of a list is one word: then its place inside the list says nothing to who wrote it.
    const inside = key && Array.isArray(written?.value) ? issue.path.slice(key.path.length) : [];
    const path = [...(key?.path ?? issue.path), ...inside];
    const place = { key: pathText(path), origin: originOf(written, inside) };
    if (issue.code !== "unrecognized_keys") return [{ ...place, message: messageOf(issue, key) }];
    return issue.keys.map((name) => ({
      ...place,
      key: `${place.key}.${name}`,
      message: `is not a key of Berth${didYouMean(name, key?.items ?? [])}`,
    }));
  });
}

function messageOf(issue: z.core.$ZodIssue, key: Key | undefined): string {
  if (issue.code !== "invalid_type") return issue.message;
  if (issue.expected === "array") return "must be a list";
  const items = key?.items ?? [];
  return `must have the keys ${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

function originOf(written: Written | undefined, inside: readonly PropertyKey[]): Origin {
  if (written === undefined) return { from: "default" };
  const { origin, lineOf } = written;
  const line = origin.from === "file" && inside.length > 0 ? lineOf?.(inside) : undefined;
  return line === undefined || origin.from !== "file" ? origin : { ...origin, line };
}

/** `policy.missing_references[0].allow` */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}
