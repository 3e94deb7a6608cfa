import { open } from "node:fs/promises";
import { AppError } from "#core/errors.ts";

export interface PrivateFile {
  path: string;
  /** How messages call the file: "the signing key DATA/keys/…". */
  called: string;
  /** What to do when somebody may have read it: ends "if somebody may have read it, …". */
  exposed: string;
}

/** Longest file that is read, bytes. */
const longest = 64 * 1024;

/**
 * The text of a file that nobody else may read; its group only where another user, such as root, owns it (so
 * mounted secrets do it). Checked on the open file: the name can't be given to another file in between.
 * Undefined: there is none. Throws storage-failed, never showing what the file holds.
 */
export async function readPrivateFile({ path, called, exposed }: PrivateFile): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    const { mode, uid, size } = await file.stat();
    const forbidden = uid === process.getuid?.() ? 0o077 : 0o037;
    if ((mode & forbidden) !== 0)
      throw new AppError(
        "storage-failed",
        `${called} is open to other users of this machine (mode ${(mode & 0o777).toString(8)}). ` +
          `Run chmod 600 ${path}; if somebody may have read it, ${exposed}`,
      );
    if (size > longest) throw new AppError("storage-failed", `${called} has more than ${longest} bytes`);
    return await file.readFile("utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { code = "error" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new AppError("storage-failed", `${called} can't be read (${code}): give this user the right`, {
      cause: error,
    });
  }
}
