import type { Upstream } from "#core/upstream.ts";
import { parseTag, type Tag } from "#oci/reference.ts";
import type { Ask } from "./ask.ts";
import { jsonOf } from "./json-answer.ts";
import { nextLink } from "./links.ts";

/** `tags` of an upstream; distribution-spec "Listing Tags". */
export function createTags(ask: Ask): Pick<Upstream, "tags"> {
  return {
    async tags(repository, { limit, last }, signal) {
      const query = new URLSearchParams({ n: String(limit), ...(last === undefined ? {} : { last }) });
      await using answer = await ask({
        ...{ method: "GET", repository, signal },
        path: `/v2/${repository}/tags/list?${query.toString()}`,
        what: `the tags of ${repository}`,
        good: (status) => status === 200,
      });
      const { tags } = await jsonOf(answer);
      const all = (Array.isArray(tags) ? (tags as unknown[]) : []).flatMap((tag): Tag[] => {
        const parsed = typeof tag === "string" ? parseTag(tag) : undefined;
        return parsed === undefined ? [] : [parsed];
      });
      // Registries without pages give everything, from the beginning, each time.
      const seen = last === undefined ? -1 : all.indexOf(last as Tag);
      const page = all.slice(seen + 1, seen + 1 + limit);
      const link = nextLink(answer.headers.link) !== undefined && page.length > 0;
      return { tags: page, more: link || all.length > seen + 1 + limit };
    },
  };
}
