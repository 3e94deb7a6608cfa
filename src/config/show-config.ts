import { stringify } from "yaml";
import type { Config } from "./config.ts";
import { formatOrigin, type Origin } from "./fault.ts";
import { keys, type Key } from "./keys.ts";

/** A value in force as the file would spell it; undefined when it is not set. */
function shownValue(config: Config, { path, show, secret }: Key): unknown {
  const value = path.reduce<unknown>(
    (section, name) => (section as Record<string, unknown> | undefined)?.[name],
    config,
  );
  if (value === undefined) return undefined;
  if (secret === true) return "(hidden)";
  return show === undefined ? value : show(value as never);
}

/** The configuration in force as a tree that reads back as a file. Secrets are hidden. */
export function shownTree(config: Config): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const key of keys) {
    const value = shownValue(config, key);
    if (value === undefined) continue;
    let section = tree;
    for (const name of key.path.slice(0, -1)) section = (section[name] ??= {}) as Record<string, unknown>;
    section[key.path.at(-1) ?? ""] = value;
  }
  return tree;
}

/** Characters of a list on one line; a longer one has a line for each item. */
const longest = 300;

/** The configuration in force as YAML that reads back as a file; each line ends with where its value comes from. */
export function showConfig(config: Config, origins: ReadonlyMap<string, Origin>): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const key of keys) {
    const value = shownValue(config, key);
    if (value === undefined) {
      lines.push(`# ${key.name} is not set`);
      continue;
    }
    const sections = key.path.slice(0, -1);
    for (const [depth, name] of sections.entries()) {
      if (open[depth] !== name || open.length <= depth) lines.push(`${"  ".repeat(depth)}${name}:`);
    }
    open = sections;
    const origin = formatOrigin(origins.get(key.name) ?? { from: "default" });
    const indent = "  ".repeat(sections.length);
    const text = flow(value);
    if (text.length > longest && Array.isArray(value)) {
      lines.push(`${indent}${key.path.at(-1)}: # ${origin}`);
      for (const item of value) lines.push(`${indent}  - ${flow(item)}`);
    } else lines.push(`${indent}${key.path.at(-1)}: ${text} # ${origin}`);
  }
  return `${lines.join("\n")}\n`;
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}
