import { AppError } from "#core/errors.ts";
import { PackedFault } from "#kit/packed-stream.ts";
import { TarFault } from "#kit/tar/tar-fault.ts";

export function invalidArchive(why: string, cause?: unknown): AppError {
  return new AppError("engine-invalid", `invalid archive: ${why}`, { cause });
}

/** What reading somebody's archive may fail by, in words for that somebody. */
export function inWords(error: unknown): unknown {
  if (error instanceof TarFault || error instanceof PackedFault) return invalidArchive(error.message, error);
  return error instanceof AppError && error.code === "digest-mismatch"
    ? invalidArchive(error.message, error)
    : error;
}

/** For messages: names in archives are anybody's. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name);
}
