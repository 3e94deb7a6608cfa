import type { AuditActor } from "#core/audit.ts";
import type { Clock } from "#core/clock.ts";
import type { TagRoom } from "#core/metadata/tag-room.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Tag } from "#oci/reference.ts";
import type { Survey, TagDecision } from "./survey.ts";

export interface RemoveParts {
  tagRoom: Pick<TagRoom, "facts" | "remove">;
  clock: Clock;
  by: Omit<AuditActor, "rule">;
}

/** Removed at the same time: SQLite's writer makes them one transaction. */
const atOnce = 4;
/** A tag that moves each time is left to the next run. */
const attempts = 3;

/** Removes those of a page that nothing keeps; one that moved meanwhile is decided on again. @returns what was removed */
export async function removeDecided(
  { tagRoom, clock, by }: RemoveParts,
  survey: Pick<Survey, "decide">,
  page: readonly TagDecision[],
): Promise<TagDecision[]> {
  const removed: TagDecision[] = [];

  async function again({ repository, name }: TagDecision): Promise<TagDecision | undefined> {
    const here = await tagRoom.facts(repository, { limit: 1, last: justBefore(name) });
    return (await survey.decide(here.filter((tag) => tag.name === name)))[0];
  }

  async function remove(first: TagDecision): Promise<void> {
    let decision: TagDecision | undefined = first;
    for (let attempt = 1; decision !== undefined && !decision.kept && attempt <= attempts; attempt++) {
      const { repository, name: tag, digest: was, updatedAt: setAt, rule: title = "" } = decision;
      const rule = `retention rule ${title}`;
      const removal = { repository, tag, was, setAt, rule, now: clock(), by: { ...by, rule } };
      const outcome = await tagRoom.remove(removal);
      if (outcome === "removed") removed.push(decision);
      if (outcome !== "changed") return;
      decision = await again(decision);
    }
  }

  const going = page.filter(({ kept }) => !kept);
  await inParallel(going, atOnce, remove);
  return removed;
}

/** What sorts before the tag and after every other that does: "~" is in no name, and comes after what is. */
function justBefore(tag: Tag): string {
  return `${tag.slice(0, -1)}${String.fromCharCode(tag.charCodeAt(tag.length - 1) - 1)}~`;
}
