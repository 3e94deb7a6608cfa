import { stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Who besides root may put another folder in this one's place, and with it containers that root then runs: the folder
 * above (or itself) that isn't root's alone. Undefined: nobody.
 */
export async function whoMayChange(folder: string): Promise<{ uid: number; at: string } | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    // In a sticky folder nobody moves what is another's.
    const sticky = found !== undefined && (found.mode & 0o1000) !== 0;
    if (found !== undefined && !sticky && (found.uid !== 0 || (found.mode & 0o022) !== 0))
      return { uid: found.uid, at };
    if (at === dirname(at)) return undefined;
  }
}
