import type { Chapter } from "./chapter.ts";
import { firstHalf } from "./session-first.ts";
import { secondHalf } from "./session-second.ts";

/** One day with docker. */
export const session: readonly Chapter[] = [...firstHalf, ...secondHalf];
