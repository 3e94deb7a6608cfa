import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until it holds, 10 s at most. A client has the last byte of a blob when its digest is proved, a moment before
 * the blob is durable and served as one that is here.
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await holds()); await sleep(10))
    assert.ok(Date.now() < end, "it never came so far");
}
