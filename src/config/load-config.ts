/**
 * The configuration room: text of the file, variables and flags in; one `Config`, or all faults, out. Pure:
 * it reads no file, no environment and no clock. file → values by key → variables and flags over them →
 * schema → rules between keys.
 */
import type { Config } from "./config.ts";
import type { Fault, Origin } from "./fault.ts";
import { keys } from "./keys.ts";
import { finish } from "./finish.ts";
import { originOf } from "./place.ts";
import { readEnvironment } from "./read-environment.ts";
import { readFile } from "./read-file.ts";
import { readText } from "./read-text.ts";
import { ruleFaults } from "./rules.ts";
import { schema } from "./schema.ts";
import { schemaFaults } from "./schema-faults.ts";
import type { ConfigSources, FlagValue } from "./sources.ts";
import { treeOf, write, type WrittenValues } from "./written-values.ts";

export type { ConfigSources, FlagValue } from "./sources.ts";

export type LoadedConfig =
  | { config: Config; origins: ReadonlyMap<string, Origin>; faults?: never }
  | { faults: readonly Fault[]; config?: never; origins?: never };

const DEFAULT: Origin = { from: "default" };

/** Flags win over variables, variables over the file, the file over the defaults. All faults come together. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const values: WrittenValues = new Map();
  const faults: Fault[] = [];
  if (sources.file) faults.push(...readFile(sources.file.text, sources.file.name, values));
  // Of a file that is no YAML nothing is known, so a rule that misses a key of it would only mislead.
  const unreadable = faults.some((fault) => fault.key === "");
  faults.push(...readEnvironment(sources.environment, values));
  for (const flag of sources.flags) writeFlag(flag, values);

  const tree = treeOf(values);
  const read = schema.safeParse(tree);
  if (!read.success) faults.push(...schemaFaults(read.error.issues, values));
  const origins = new Map(keys.map(({ name }) => [name, values.get(name)?.origin ?? DEFAULT]));
  if (!unreadable) faults.push(...ruleFaults(tree, (key, inside = []) => originOf(values.get(key), inside)));
  if (!read.success || faults.length > 0) return { faults };
  return { config: finish(read.data, sources), origins };
}

function writeFlag({ flag, key: name, values: texts }: FlagValue, values: WrittenValues): void {
  const key = keys.find((known) => known.name === name);
  if (key === undefined) throw new Error(`the flag ${flag} sets an unknown key ${name}`);
  const value =
    texts.length === 1 ? readText(key, texts[0] ?? "") : texts.flatMap((text) => readText(key, text));
  write(values, { key, value, origin: { from: "flag", flag } });
}
