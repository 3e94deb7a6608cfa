import { AppError } from "#core/errors.ts";
import { readPrivateFile } from "./private-file.ts";

/** 32 random bytes are 43 characters of base64. */
const shortest = 43;

/**
 * The secrets of `auth.secret_file`, one a line: the first seals, all of them open, so that one can follow another.
 * Throws storage-failed, never showing any of it.
 */
export async function readSecretFile(path: string): Promise<[string, ...string[]]> {
  const called = `auth.secret_file ${path}`;
  const how = `Make one with: (umask 077; openssl rand -base64 48 > ${path})`;
  const text = await readPrivateFile({ path, called, exposed: "make another" });
  if (text === undefined) throw refused(`${called} isn't there. ${how}, and give the same to every server`);
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const [first, ...others] = lines.filter((line) => line !== "");
  if (first === undefined) throw refused(`${called} is empty. ${how}`);
  const short = lines.findIndex((line) => line !== "" && line.length < shortest);
  if (short >= 0)
    throw refused(
      `${called}, line ${short + 1}, is too short for a secret, which has 32 random bytes or more, so ` +
        `${shortest} characters or more. ${how}`,
    );
  return [first, ...others];
}

function refused(message: string): AppError {
  return new AppError("storage-failed", message);
}
