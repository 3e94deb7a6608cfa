import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { AuditActor } from "./audit.ts";
import { isCachedName, publicName } from "./cached-name.ts";
import { isEngineName } from "./engine-name.ts";
import type { EventActor, NewEvent } from "./event.ts";

/** A change of content as the store that makes it knows it. */
export interface ContentChange {
  action: "push" | "mount" | "delete" | "restore";
  kind: "blob" | "manifest";
  /** As the store names it; a cached one by its cached name. */
  repository: RepositoryName;
  /** The tag that was set, restored, or (with "delete") removed. */
  tag?: Tag | undefined;
  digest: Digest;
  mediaType?: string | undefined;
  size?: number | undefined;
  /** The repository of a mount's source, or what removed it. */
  subject?: string | undefined;
}

/**
 * The event that goes with a change. Undefined: nobody is told of it, because it is an engine's own business, or blobs
 * of a cache, which come and go with what names them.
 * @param at ms since the epoch
 */
export function changeEvent(
  by: AuditActor | undefined,
  at: number,
  { action, kind, repository, tag, digest, mediaType, size, subject }: ContentChange,
): NewEvent | undefined {
  const isCached = isCachedName(repository);
  if (isEngineName(repository) || (isCached && kind === "blob")) return undefined;
  return {
    at,
    action: isCached && action === "push" ? "fill" : action,
    repository: publicName(repository),
    tag,
    digest,
    mediaType,
    size,
    subject: action === "mount" && subject !== undefined ? publicName(subject as RepositoryName) : subject,
    actor: eventActor(by),
    count: 1,
  };
}

export function eventActor(by: AuditActor | undefined): EventActor | undefined {
  return by && { actor: by.actor, kind: by.kind, address: by.address, request: by.request };
}
