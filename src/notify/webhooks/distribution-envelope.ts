import { containerOf, eventId, type EventSource, type WebhookEvent } from "./webhook-event.ts";

export const distributionMediaType = "application/vnd.docker.distribution.events.v2+json";

/** Methods that clients use for it. */
const methods: Partial<Record<WebhookEvent["action"], string>> = {
  push: "PUT",
  mount: "POST",
  delete: "DELETE",
  pull: "GET",
};

/**
 * Events as CNCF Distribution sends them (version 2 of its envelope), so that what listens to it listens to Berth, too.
 * Its actions are push, pull, mount and delete. A tag that was restored is a push of what it names, since who follows
 * tags has to hear of it. Others keep their own words, which such listeners leave alone: fill (a manifest came from an
 * upstream), start and exit (`target.container`, `target.exitCode`), ping (a test).
 */
export function distributionEnvelope(events: readonly WebhookEvent[], source: EventSource): string {
  return JSON.stringify({ events: events.map((event) => envelopeEvent(event, source)) });
}

function envelopeEvent(event: WebhookEvent, source: EventSource) {
  const { action, at, actor } = event;
  const host = source.externalUrl === undefined ? undefined : new URL(source.externalUrl).host;
  return {
    id: eventId(event),
    timestamp: new Date(at).toISOString(),
    action: action === "restore" ? "push" : action,
    target: targetOf(event, source),
    request: {
      id: actor?.request ?? "",
      addr: actor === undefined || actor.address === "" ? undefined : actor.address,
      host,
      method: (actor && methods[action]) ?? "",
      useragent: "",
    },
    actor: { name: actor?.actor },
    source: { addr: source.address, instanceID: source.instance },
  };
}

function targetOf(event: WebhookEvent, { externalUrl }: EventSource) {
  const { action, repository, tag, digest, mediaType, size, subject } = event;
  if (action === "start" || action === "exit") {
    const { name, exitCode } = containerOf(event);
    return { container: name, exitCode };
  }
  // Of what is gone there is only its name.
  const content = action !== "delete" && digest !== undefined;
  const isBlob = mediaType === undefined;
  return {
    mediaType: mediaType ?? (content ? "application/octet-stream" : undefined),
    size: content ? size : undefined,
    digest,
    length: content ? size : undefined,
    repository,
    fromRepository: action === "mount" ? subject : undefined,
    url:
      content && externalUrl !== undefined && repository !== undefined
        ? `${externalUrl}/v2/${repository}/${isBlob ? "blobs" : "manifests"}/${digest}`
        : undefined,
    tag,
  };
}
