import { cloudEvents, cloudEventsMediaType } from "./cloud-events.ts";
import { distributionEnvelope, distributionMediaType } from "./distribution-envelope.ts";
import { eventId, type EventSource, type WebhookEvent } from "./webhook-event.ts";

export type MessageFormat = "distribution" | "cloudevents";

/** What is posted to a target. */
export interface WebhookMessage {
  /** The same for the same events, however often they are sent. */
  id: string;
  contentType: string;
  body: string;
}

/** @param events at least one, in their order */
export function messageOf(
  format: MessageFormat,
  events: readonly WebhookEvent[],
  source: EventSource,
): WebhookMessage {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) throw new Error("a message has events");
  const id = first === last ? eventId(first) : `${eventId(first)}-${eventId(last)}`;
  return format === "distribution"
    ? { id, contentType: distributionMediaType, body: distributionEnvelope(events, source) }
    : { id, contentType: cloudEventsMediaType, body: cloudEvents(events, source) };
}
