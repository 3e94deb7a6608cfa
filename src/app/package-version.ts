import { readFile } from "node:fs/promises";

/** Of Berth. The same two folders up from `src/app` and from `dist/app`. */
export async function packageVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
