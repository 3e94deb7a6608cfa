import { setTimeout as sleep } from "node:timers/promises";

/** Waits so many ms, or until the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Aborted is as good as over.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
