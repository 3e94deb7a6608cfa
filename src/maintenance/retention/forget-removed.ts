import type { Clock } from "#core/clock.ts";
import type { TagRoom } from "#core/metadata/tag-room.ts";

/** Tags of one transaction. */
const atOnce = 200;

/** Forgets removed tags after so long (ms); what only they held is garbage then. @returns how many went */
export async function forgetRemoved(
  tagRoom: Pick<TagRoom, "forget">,
  undo: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  let sum = 0;
  for (;;) {
    signal.throwIfAborted();
    const now = clock();
    const went = await tagRoom.forget(now - undo, atOnce, now);
    sum += went;
    if (went < atOnce) return sum;
  }
}
