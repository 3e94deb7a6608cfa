import { access, constants, mkdtemp, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf } from "#kit/file-calls.ts";
import { reason } from "./prepare-folder.ts";

/** What keeps a folder from being used, or from being made; undefined: nothing. It is left as it was. */
export async function folderFault(path: string): Promise<string | undefined> {
  const there = await nearest(path);
  try {
    if (!(await stat(there)).isDirectory()) return reason("ENOTDIR");
    await access(there, constants.W_OK | constants.X_OK);
    // Of a folder that isn't there yet nothing is made.
    if (there !== path) return undefined;
    await rmdir(await mkdtemp(join(path, ".berth-check-")));
    return undefined;
  } catch (error) {
    const why = reason(errnoOf(error));
    return there === path ? why : `it can't be made in ${there}: ${why}`;
  }
}

/** The same for a folder of blobs: bytes that came in are renamed inside it. */
export async function storeFault(path: string): Promise<string | undefined> {
  const fault = await folderFault(path);
  if (fault !== undefined) return fault;
  const devices = await Promise.all(
    ["uploads", "blobs", "blobs/sha256", "blobs/sha512"].map(async (name) => {
      const found = await stat(join(path, name)).catch(() => undefined);
      return found?.dev;
    }),
  );
  const known = new Set(devices.filter((device) => device !== undefined));
  return known.size > 1 ? reason("EXDEV") : undefined;
}

/** The path itself, or the nearest folder above it that is there. */
async function nearest(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const missing = await stat(at).then(
      () => false,
      (error: unknown) => errnoOf(error) === "ENOENT",
    );
    if (!missing || dirname(at) === at) return at;
  }
}
