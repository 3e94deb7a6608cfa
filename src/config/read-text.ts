import { parseDocument } from "yaml";
import type { Key } from "./keys.ts";

/**
 * The value of a variable or flag as the file would hold it. A list is YAML in brackets, `[a, b]`, or words
 * between commas; everything else stays text, which the schema reads as it reads the file's.
 */
export function readText(key: Key, text: string): unknown {
  const trimmed = text.trim();
  if (key.list !== true) return trimmed;
  // An IPv6 address begins with a bracket too, but does not end with one: [::1]:5000.
  if (trimmed.startsWith("[") && trimmed.endsWith("]")) {
    const document = parseDocument(trimmed);
    if (document.errors.length === 0) return document.toJS({ maxAliasCount: 0 });
  }
  const words = trimmed.split(",").map((part) => part.trim());
  return words.length === 1 ? trimmed : words.filter((part) => part !== "");
}
