/** Why a call came to nothing, in words for people. */
export class Fault extends Error {
  /** HTTP status; 0: no answer at all. */
  readonly status: number;
  /** The server's code, `UNAUTHORIZED`, …; empty where it gave none. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whoever signs in may see more. */
  get asksForSignIn(): boolean {
    return this.status === 401;
  }
}

/** Whatever was thrown, as words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
