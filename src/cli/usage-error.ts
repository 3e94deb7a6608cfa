/** The command line can't be understood; the message says what to write. Ends with exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
