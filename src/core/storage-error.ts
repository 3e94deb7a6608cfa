import { AppError } from "./errors.ts";

/**
 * The AppError for a failed file call. Paths and errno stay in `cause`: clients see neither.
 * @param what what could not be done, as the beginning of a sentence: "The upload could not be written".
 */
export function storageError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  switch (error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined) {
    case "ENOSPC":
    case "EDQUOT":
      return new AppError("storage-full", `${what}: the registry's disk is full. Free space and try again.`, {
        cause: error,
      });
    case "EMFILE":
    case "ENFILE":
      return new AppError("busy", `${what}: the registry has too many files open. Try again shortly.`, {
        cause: error,
        retryAfter: 1,
      });
    default:
      return new AppError("storage-failed", `${what}: the registry's storage failed. Its log says why.`, {
        cause: error,
      });
  }
}
