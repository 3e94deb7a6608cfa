import { AppError } from "./errors.ts";

/**
 * The AppError for a failed file call. Paths and errno stay in `cause`: clients see neither.
 * @param what what could not be done, as the beginning of a sentence: "The upload could not be written".
 * @param whose the storage is: "the registry".
 */
export function storageError(error: unknown, what: string, whose = "the registry"): AppError {
  if (error instanceof AppError) return error;
  switch (error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined) {
    case "ENOSPC":
    case "EDQUOT":
      return new AppError("storage-full", `${what}: ${whose}'s disk is full. Free space and try again.`, {
        cause: error,
      });
    case "EMFILE":
    case "ENFILE":
      return new AppError("busy", `${what}: ${whose} has too many files open. Try again shortly.`, {
        cause: error,
        retryAfter: 1,
      });
    default:
      return new AppError("storage-failed", `${what}: ${whose}'s storage failed. Its log says why.`, {
        cause: error,
      });
  }
}
