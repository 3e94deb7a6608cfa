import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Source files as text, by path from the checkout's root with forward slashes: `src/kit/uuid.ts`. */
export type Tree = ReadonlyMap<string, string>;

const source = /\.[cm]?[jt]sx?$/;

/** Reads every source file below `folders` of the checkout at `root`. */
export function readTree(root: string, folders: readonly string[]): Tree {
  const tree = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !source.test(entry.name)) continue;
      const full = join(entry.parentPath, entry.name);
      tree.set(full.slice(root.length).replaceAll("\\", "/").replace(/^\/+/, ""), readFileSync(full, "utf8"));
    }
  }
  return tree;
}
