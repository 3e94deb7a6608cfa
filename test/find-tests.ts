import { globSync, statSync } from "node:fs";
import { normalize } from "node:path";

/**
 * Test files that the patterns choose, all of them when there is none. A pattern is a folder below `test/`
 * (`clients`), a path (`test/oci/digest.test.ts`), or any part of a path (`two-pushes`).
 */
export function findTests(patterns: readonly string[]): string[] {
  const files = globSync("test/**/*.test.ts")
    .filter((file) => !isNoTest(file))
    .sort();
  if (patterns.length === 0) return files;
  return files.filter((file) => patterns.some((pattern) => chooses(pattern, file)));
}

function chooses(pattern: string, file: string): boolean {
  const path = normalize(pattern);
  for (const folder of [path, `test/${path}`]) {
    if (isFolder(folder)) return file.startsWith(`${folder.replace(/\/$/, "")}/`);
  }
  return file.includes(path);
}

/** Benchmarks and the conformance suite have commands of their own. */
function isNoTest(file: string): boolean {
  return /^test\/(bench|conformance)\//.test(file);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
