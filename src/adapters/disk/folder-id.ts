/**
 * The id that a folder of blobs has in itself, in PATH/berth-store-id: it goes along when the folder is copied, moved
 * or mounted elsewhere, and isn't there where the folder isn't.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { createDraft } from "#kit/draft-file.ts";
import { isUuid, uuid } from "#kit/uuid.ts";
import { errnoOf } from "#kit/file-calls.ts";
import { reason } from "./prepare-folder.ts";

export const idFile = "berth-store-id";

/** Undefined: no such file, or no such folder. Throws storage-failed. */
export async function readFolderId(path: string): Promise<string | undefined> {
  const file = join(path, idFile);
  let text: string;
  try {
    text = (await readFile(file, "utf8")).trim();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw new AppError("storage-failed", `${file} can't be read: ${reason(errno)}.`, { cause: error });
  }
  if (isUuid(text)) return text;
  throw new AppError(
    "storage-failed",
    `${file} holds no id, so nobody knows which folder of blobs this is: bring the file back, or remove it.`,
  );
}

/** The folder's id, made durably where it has none; several processes may do it at once. Throws storage-failed. */
export async function ensureFolderId(path: string): Promise<string> {
  const known = await readFolderId(path);
  if (known !== undefined) return known;
  const id = uuid();
  try {
    await using draft = await createDraft(path);
    await writeFile(draft.path, `${id}\n`);
    await draft.publish(join(path, idFile), false);
    return id;
  } catch (error) {
    const errno = errnoOf(error);
    // Another process was quicker.
    const made = errno === "EEXIST" ? await readFolderId(path) : undefined;
    if (made !== undefined) return made;
    throw new AppError("storage-failed", `${join(path, idFile)} can't be made: ${reason(errno)}.`, {
      cause: error,
    });
  }
}
