import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { plainEnvironment } from "#kit/run-program.ts";

/** Where a program is, in the folders in which Berth's own child processes find theirs. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of plainEnvironment.PATH.split(":")) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}
