import type { Caller } from "#core/caller.ts";
import type { Listed, RemovedTagView } from "#core/web/views.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { RemovedTags } from "../removed-tags.ts";

/** Removed tags that the caller may know of, for people; `next` is an id. */
export async function browseRemovedTags(
  removed: Pick<RemovedTags, "list">,
  caller: Caller,
  repository: RepositoryName | undefined,
  page: { limit: number; after: number | undefined },
): Promise<Listed<RemovedTagView>> {
  const { items, more } = await removed.list(caller, repository, page);
  const last = items.at(-1)?.id;
  return {
    items: items.map(({ id, repository: at, name, digest, removedAt, until, removedBy, rule }) => ({
      id,
      repository: at,
      name,
      digest,
      removedAt: new Date(removedAt).toISOString(),
      until: new Date(until).toISOString(),
      removedBy,
      rule,
    })),
    ...(more && last !== undefined ? { next: String(last) } : {}),
  };
}
