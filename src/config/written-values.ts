import { type Origin } from "./fault.ts";
import { type Key } from "./keys.ts";

/** A value that somebody wrote down, not yet read. */
export interface Written {
  key: Key;
  value: unknown;
  origin: Origin;
  /** Line of an item inside the value, where the file knows it. */
  lineOf?: (path: readonly PropertyKey[]) => number | undefined;
}

/** By key name; a later layer replaces what an earlier one set. */
export type WrittenValues = Map<string, Written>;

/** Adds a value, replacing an earlier layer's. */
export function write(values: WrittenValues, written: Written): void {
  values.set(written.key.name, written);
}

/** The values nested as in the file, for the schema. Paths come from the schema, so no key is a surprise. */
export function treeOf(values: WrittenValues): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { key, value } of values.values()) {
    let section = tree;
    for (const name of key.path.slice(0, -1)) section = (section[name] ??= {}) as Record<string, unknown>;
    section[key.path.at(-1) ?? ""] = value;
  }
  return tree;
}
