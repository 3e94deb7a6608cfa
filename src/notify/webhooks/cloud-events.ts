import { containerOf, eventId, type EventSource, type WebhookEvent } from "./webhook-event.ts";

export const cloudEventsMediaType = "application/cloudevents-batch+json; charset=utf-8";

/**
 * A batch of CloudEvents 1.0 (JSON batch format). Types are `io.berth.` and the action; source and id together name an
 * event for ever, however often it is sent.
 */
export function cloudEvents(events: readonly WebhookEvent[], source: EventSource): string {
  return JSON.stringify(
    events.map((event) => ({
      specversion: "1.0",
      id: eventId(event),
      source: source.externalUrl ?? `urn:berth:${source.address}`,
      type: `io.berth.${event.action}`,
      subject: subjectOf(event),
      time: new Date(event.at).toISOString(),
      datacontenttype: "application/json",
      data: dataOf(event),
    })),
  );
}

function subjectOf(event: WebhookEvent): string | undefined {
  const { action, repository, tag, digest } = event;
  if (action === "start" || action === "exit") return containerOf(event).name;
  if (repository === undefined) return undefined;
  if (tag !== undefined) return `${repository}:${tag}`;
  return digest === undefined ? repository : `${repository}@${digest}`;
}

function dataOf(event: WebhookEvent) {
  const { action, repository, tag, digest, mediaType, size, subject, actor, count } = event;
  if (action === "start" || action === "exit") {
    const { name, exitCode } = containerOf(event);
    return { container: name, exitCode };
  }
  return {
    repository,
    tag,
    digest,
    mediaType,
    size,
    from: action === "mount" ? subject : undefined,
    why: action === "delete" || action === "restore" ? subject : undefined,
    // So many pulls of one minute.
    count: action === "pull" ? count : undefined,
    actor: actor && { name: actor.actor, kind: actor.kind, address: actor.address, request: actor.request },
  };
}
