import type { ListedWebhook, Replayed } from "#app/verbs/webhooks.ts";
import type { DeadLetter } from "#core/metadata/webhooks.ts";

/** A webhook for machines: times in ISO 8601, null where there is none; its address without the query. */
export function webhookJson({ name, webhook, state, behind }: ListedWebhook) {
  return {
    name,
    url: webhook?.url.replace(/\?.*$/, "") ?? null,
    format: webhook?.format ?? null,
    events: webhook?.events ?? [],
    repositories: webhook?.repositories ?? [],
    state: stateOf(webhook !== undefined, state),
    delivered: state?.delivered ?? 0,
    behind,
    failures: state?.failures ?? 0,
    next_at: state === undefined || state.nextAt === 0 ? null : new Date(state.nextAt).toISOString(),
    fault: state?.fault ?? null,
    dead_letters: state?.deadLetters ?? 0,
  };
}

function stateOf(isConfigured: boolean, state: ListedWebhook["state"]): string {
  if (!isConfigured) return "removed";
  if (state === undefined) return "new";
  return state.failures > 0 ? "failing" : "ok";
}

export function letterJson({ id, webhook, events, diedAt, failures, fault }: DeadLetter) {
  return {
    id,
    webhook,
    events: events.length,
    first_at: time(events[0]?.at),
    last_at: time(events.at(-1)?.at),
    died_at: time(diedAt),
    failures,
    fault,
  };
}

export function replayedJson({ fault, ...rest }: Replayed) {
  return { ...rest, taken: fault === undefined, fault: fault ?? null };
}

function time(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
