import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { plainEnvironment } from "./run-program.ts";

/** Where a program lies, in the folders that programs are started with. Undefined: it isn't installed. */
export function findProgram(name: string): string | undefined {
  for (const folder of plainEnvironment.PATH.split(":")) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next folder.
    }
  }
  return undefined;
}
