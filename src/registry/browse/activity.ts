import type { Access } from "#core/access.ts";
import { isAdmin, type Caller } from "#core/caller.ts";
import type { BerthEvent } from "#core/event.ts";
import type { LiveUpload } from "#core/live-upload.ts";
import type { HousekeepingRun } from "#core/metadata/housekeeping.ts";
import type { ActivityView, EventView, RunView } from "#core/web/views.ts";

/** What goes on in the whole server. */
export interface ActivityNow {
  /** ms. */
  at: number;
  uploads: readonly LiveUpload[];
  runs: readonly HousekeepingRun[];
  /** Newest first. */
  events: readonly BerthEvent[];
}

/** A run that is silent for so long was killed, ms. */
const silence = 60_000;

/** What of it is this caller's business: repositories that he may pull from, his own uploads; all, for admins. */
export function activityFor(
  caller: Caller,
  { at, uploads, runs, events }: ActivityNow,
  access: Access,
): ActivityView {
  const admin = isAdmin(caller);
  const mine = ({ owner }: LiveUpload) => admin || (owner !== undefined && owner === caller.id);
  const shown = ({ repository }: BerthEvent) =>
    repository === undefined ? admin : access.decide(caller, repository, "pull").allowed;
  return {
    uploads: uploads.filter(mine).map(({ id, repository, received, startedAt, by }) => ({
      id,
      repository,
      received,
      startedAt: new Date(startedAt).toISOString(),
      ...(by === undefined ? {} : { by }),
    })),
    runs: caller.kind === "anonymous" ? [] : runs.map((run) => runView(run, at, admin)),
    events: events.filter(shown).map((event) => eventView(event, caller, admin)),
  };
}

function runView(
  { kind, startedAt, seenAt, endedAt, progress, fault }: HousekeepingRun,
  at: number,
  admin: boolean,
): RunView {
  // Words may name what somebody else keeps here: numbers don't.
  const shown = Object.entries(progress).filter(
    ([key, value]) => admin || key === "step" || typeof value === "number",
  );
  return {
    kind,
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
    running: endedAt === undefined && at - seenAt < silence,
    progress: Object.fromEntries(shown),
    ...(admin && fault !== undefined ? { fault } : {}),
  };
}

function eventView(event: BerthEvent, caller: Caller, admin: boolean): EventView {
  const { id, at, action, repository, tag, digest, subject, actor, count } = event;
  return {
    id,
    at: new Date(at).toISOString(),
    action,
    ...(repository === undefined ? {} : { repository }),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    // Where a blob was mounted from is another repository's name.
    ...(admin && subject !== undefined ? { subject } : {}),
    ...(actor === undefined || caller.kind === "anonymous" ? {} : { actor: actor.actor }),
    count,
  };
}
