import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Io } from "../io.ts";

/** `-e NAME=value`, `-e NAME` (this process's own), and `--env-file`'s lines before them. */
export async function readEnv(given: readonly string[], files: readonly string[], io: Io): Promise<string[]> {
  const lines: string[] = [];
  for (const file of files)
    for (const line of (await readFile(resolve(io.cwd, file), "utf8")).split(/\r?\n/))
      if (line.trim() !== "" && !line.trimStart().startsWith("#")) lines.push(line.trimStart());
  return [...lines, ...given].flatMap((one) => {
    if (one.includes("=")) return [one];
    const own = io.env[one];
    return own === undefined ? [] : [`${one}=${own}`];
  });
}
