import { LineCounter, isAlias, isMap, isScalar, parseDocument, type Document, type Node } from "yaml";
import type { Fault, Origin } from "./fault.ts";
import { isKey, keys, root, type Key, type Section } from "./keys.ts";
import { didYouMean } from "./nearest-name.ts";
import { quoted } from "./unreadable.ts";
import { write, type WrittenValues } from "./written-values.ts";

/** What one reading of the file shares. */
interface Reading {
  file: string;
  document: Document;
  lines: LineCounter;
  values: WrittenValues;
  faults: Fault[];
}

/** Collects the values of a YAML file by key; unknown keys and broken YAML become faults, all of them. */
export function readFile(text: string, file: string, values: WrittenValues): Fault[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reading: Reading = { file, document, lines, values, faults: [] };
  for (const error of [...document.errors, ...document.warnings]) {
    const line = lines.linePos(error.pos[0]).line;
    const message = error.message.trim() + ipv6Hint(text.split("\n")[line - 1] ?? "");
    reading.faults.push({ key: "", message, origin: { from: "file", file, line } });
  }
  // Broken YAML is half a tree: what else it seems to lack would only mislead.
  if (reading.faults.length === 0) readSection(reading, document.contents, root, []);
  return reading.faults;
}

function readSection(reading: Reading, written: unknown, section: Section, path: readonly string[]): void {
  const { document, faults } = reading;
  const node = isAlias(written) ? written.resolve(document) : written;
  if (node === null || node === undefined || (isScalar(node) && node.value === null)) return;
  const names = [...section.keys()];
  if (!isMap<Node, Node | null>(node)) {
    const what = path.length === 0 ? "the file" : "this";
    const message = `${what} must be a section with keys below it: ${names.join(", ")}`;
    faults.push({ key: path.join("."), message, origin: originOf(reading, node) });
    return;
  }
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : "?";
    const below = section.get(name);
    if (below === undefined) {
      const message = `is not a key of Berth${suggestion(name, names)}`;
      faults.push({ key: [...path, name].join("."), message, origin: originOf(reading, key) });
    } else if (isKey(below)) {
      readKey(reading, below, key, value);
    } else {
      readSection(reading, value, below, [...path, name]);
    }
  }
}

function readKey(reading: Reading, key: Key, keyNode: Node, value: Node | null): void {
  const { document, lines, values, faults } = reading;
  const origin = originOf(reading, keyNode);
  // What is missing has no line of its own; the item that lacks it has.
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    const inner = document.getIn([...key.path, ...path], true) as Node | undefined;
    if (inner?.range) return lines.linePos(inner.range[0]).line;
    return path.length > 1 ? lineOf(path.slice(0, -1)) : undefined;
  };
  try {
    write(values, { key, value: value?.toJS(document, { maxAliasCount: 100 }) ?? null, origin, lineOf });
  } catch (error) {
    faults.push({ key: key.name, message: error instanceof Error ? error.message : quoted(error), origin });
  }
}

function originOf({ file, lines }: Reading, node: unknown): Origin {
  const range = (node as Node | undefined)?.range;
  return { from: "file", file, line: range ? lines.linePos(range[0]).line : undefined };
}

function suggestion(name: string, names: readonly string[]): string {
  return didYouMean(name, names) || elsewhere(name) || `; here stand ${names.join(", ")}`;
}

/** A key of this very name in another section, as long as it is the only one. */
function elsewhere(name: string): string {
  const [found, ...others] = keys.filter(({ path }) => path.at(-1) === name);
  return found === undefined || others.length > 0 ? "" : `; did you mean "${found.name}"?`;
}

function ipv6Hint(line: string): string {
  return /[^"']\[[0-9a-f:]+\]:\d/i.test(line) ? ' (an address with brackets needs quotes: "[::1]:5000")' : "";
}
