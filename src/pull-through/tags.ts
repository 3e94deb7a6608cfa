import type { Page } from "#core/metadata/repositories.ts";
import type { Sourced } from "#core/source.ts";
import type { Tag } from "#oci/reference.ts";
import { isCode, isUpstreamFault, noRepository } from "./faults.ts";
import type { PullThroughParts } from "./parts.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

export type TagsPage = Sourced<{ items: Tag[]; more: boolean }>;

export interface CachedTags {
  /** As the upstream lists them; where it can't be asked, the tags that are cached. Throws repository-unknown. */
  list(place: UpstreamPlace, page: Page): Promise<TagsPage>;
}

export function createCachedTags({ local, links, signal, report }: PullThroughParts): CachedTags {
  async function fromCache(place: UpstreamPlace, page: Page): Promise<TagsPage> {
    try {
      return { ...(await local.tags.list(place.cached, page)), cache: { state: "STALE", age: undefined } };
    } catch (error) {
      throw isCode(error, "repository-unknown") ? noRepository(place) : error;
    }
  }

  return {
    async list(place, page) {
      if (page.limit === 0) return { items: [], more: false };
      if (place.upstream.offline) return fromCache(place, page);
      const { client, manifests } = links.of(place.upstream.name);
      try {
        const { tags, more } = await manifests.ask(() => client.tags(place.remote, page, signal));
        // Whole lists come as the specification wants them, whatever their registry does; pages are in its own order.
        const items = more || page.last !== undefined ? tags : tags.toSorted();
        return { items, more, cache: { state: "MISS", age: 0 } };
      } catch (error) {
        if (!isUpstreamFault(error)) throw error;
        if (isCode(error, "upstream-unknown") && place.upstream.gone === "purge") throw noRepository(place);
        const cached = await fromCache(place, page).catch((nothing: unknown) => {
          throw isCode(nothing, "repository-unknown") && !isCode(error, "upstream-unknown") ? error : nothing;
        });
        report(error, `the tags of ${place.repository} are listed from the cache`);
        return cached;
      }
    },
  };
}
