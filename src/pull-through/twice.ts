import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#core/errors.ts";

/** Between the two tries, ms. */
const pause = 200;
/** An upstream that was waited for so long isn't waited for again, ms. */
const soon = 2_000;

/** Asks once more where the upstream failed: one 500 or one cut connection is no reason to fail a pull. */
export async function twice<T>(ask: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await ask();
  } catch (error) {
    // One that is left alone for a while says for how long: it isn't asked at all.
    const failed = error instanceof AppError && error.code === "upstream-failed";
    if (!failed || error.retryAfter !== undefined || performance.now() - began > soon) throw error;
    await sleep(pause);
    return ask();
  }
}
