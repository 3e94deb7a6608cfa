import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#core/errors.ts";

/** Between the two tries, ms. */
const pause = 200;

/** Asks once more where the upstream failed: one 500 or one cut connection is no reason to fail a pull. */
export async function twice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    // One that is left alone for a while says for how long: it isn't asked at all.
    const failed = error instanceof AppError && error.code === "upstream-failed";
    if (!failed || error.retryAfter !== undefined) throw error;
    await sleep(pause);
    return ask();
  }
}
