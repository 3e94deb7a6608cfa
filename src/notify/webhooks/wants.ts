import type { BerthEvent, EventAction } from "#core/event.ts";
import { compileGlob } from "#kit/glob.ts";

export interface Wanted {
  events: readonly EventAction[];
  /** Globs over repository names. */
  repositories: readonly string[];
}

/** Which events are a webhook's business. Those of containers are about no repository: their action decides. */
export function wants({ events, repositories }: Wanted): (event: BerthEvent) => boolean {
  const actions = new Set<EventAction>(events);
  const globs = repositories.map(compileGlob);
  return ({ action, repository }) =>
    actions.has(action) && (repository === undefined || globs.some((matches) => matches(repository)));
}
