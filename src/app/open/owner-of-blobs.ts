import { stat } from "node:fs/promises";
import { AppError } from "#core/errors.ts";

/**
 * Only the user that runs the server may make blobs: files are their maker's alone, root's as well.
 * Throws unavailable, with what to type.
 */
export async function checkOwnerOfBlobs(path: string, command: string): Promise<void> {
  const owner = (await stat(path).catch(() => undefined))?.uid;
  if (owner === undefined || owner === process.getuid?.()) return;
  throw new AppError(
    "unavailable",
    `the folder of blobs ${path} belongs to user ${owner}: run this as that user (sudo -u '#${owner}' ${command} …)`,
  );
}
