/**
 * The configuration room: text of the file, variables and flags in; one `Config`, or all faults, out. Pure:
 * it reads no file, no environment and no clock. file → values by key → variables and flags over them →
 * schema → rules between keys.
 */
import type { Config } from "./config.ts";
import type { Fault, Origin } from "./fault.ts";
import { keys } from "./keys.ts";
import { loopbackFault } from "./loopback-rule.ts";
import { formatListenAddress } from "./listen-address.ts";
import { readEnvironment } from "./read-environment.ts";
import { readFile } from "./read-file.ts";
import { readText } from "./read-text.ts";
import { schema } from "./schema.ts";
import { schemaFaults } from "./schema-faults.ts";
import { treeOf, write, type WrittenValues } from "./written-values.ts";

/** A key that a flag of the command line sets; several values when the flag was repeated. */
export interface FlagValue {
  /** `--log-level` */
  flag: string;
  /** `log.level` */
  key: string;
  values: readonly string[];
}

export interface ConfigSources {
  /** Text of the file, if there is one, and its name for messages. */
  file?: { text: string; name: string } | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly FlagValue[];
  /** `data` when nobody sets it. */
  defaultData: string;
  /** Cores that `workers: auto` may count on. */
  cores: number;
  /** Makes the name of a folder absolute. */
  resolvePath: (path: string) => string;
}

export type LoadedConfig =
  | { config: Config; origins: ReadonlyMap<string, Origin>; faults?: never }
  | { faults: readonly Fault[]; config?: never; origins?: never };

/** Most serving processes that `workers: auto` starts. */
const MOST_AUTO_WORKERS = 4;

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
  if (!unreadable) faults.push(...rules(tree, origins.get("listen") ?? DEFAULT));
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

/** What depends on the machine: absolute folders, the number of workers. */
function finish(
  read: (typeof schema)["_output"],
  { defaultData, cores, resolvePath }: ConfigSources,
): Config {
  const data = resolvePath(read.data ?? defaultData);
  const path = resolvePath(read.storage.disk.path ?? `${data}/storage`);
  return {
    ...read,
    data,
    external_url: read.external_url,
    auth: read.auth,
    storage: { disk: { ...read.storage.disk, path } },
    workers: read.workers === "auto" ? Math.max(1, Math.min(MOST_AUTO_WORKERS, cores)) : read.workers,
  };
}

/** Rules between keys; each is checked when its own keys are readable, whatever is wrong with others. */
function rules(tree: Record<string, unknown>, origin: Origin): Fault[] {
  const read = schema.pick({ listen: true, auth: true }).safeParse({ listen: tree.listen, auth: tree.auth });
  if (!read.success) return [];
  const { listen, auth } = read.data;
  const messages: (string | undefined)[] = [];
  const addresses = listen.map(formatListenAddress);
  if (addresses.length === 0) messages.push("has no address; write such as 127.0.0.1:5000");
  for (const [index, address] of addresses.entries()) {
    const again = listen[index]?.port !== 0 && addresses.indexOf(address) < index;
    if (again) messages.push(`${address} stands there twice`);
  }
  messages.push(loopbackFault({ listen, auth }));
  return messages
    .filter((message) => message !== undefined)
    .map((message) => ({ key: "listen", message, origin }));
}
