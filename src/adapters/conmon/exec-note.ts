import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const file = "note.json";

/** Keeps beside a session's files what its client asked for. A note that was cut off is none. */
export async function writeExecNote(folder: string, note: unknown): Promise<void> {
  if (note !== undefined) await writeFile(join(folder, file), JSON.stringify({ note }), { mode: 0o600 });
}

/** Undefined: there is none. */
export async function readExecNote(folder: string): Promise<{ note: unknown } | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, file), "utf8")) as { note: unknown };
  } catch {
    return undefined;
  }
}
