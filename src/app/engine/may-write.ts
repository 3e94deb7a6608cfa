import { stat } from "node:fs/promises";
import type { ServingUser } from "./serving-user.ts";

/** Whether a user may make files in a folder, by its owner, group and mode; one that isn't there yet will be theirs. */
export async function mayWrite(folder: string, { uid, gid }: ServingUser): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || uid === 0) return true;
  const shift = found.uid === uid ? 6 : found.gid === gid ? 3 : 0;
  return ((found.mode >> shift) & 0o3) === 0o3;
}
