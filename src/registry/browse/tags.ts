import { setImmediate as nextTurn } from "node:timers/promises";
import type { Access } from "#core/access.ts";
import type { Caller } from "#core/caller.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { TagFacts, TagRoom } from "#core/metadata/tag-room.ts";
import type { TagsView, TagView } from "#core/web/views.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { ImageFactsReader } from "./image-facts.ts";
import { placeOf } from "./place.ts";

export interface BrowsedTags {
  /**
   * Of a repository that the caller may pull from, by name. Throws repository-unknown.
   * @param signal ends what nobody waits for any more
   */
  list(
    caller: Caller,
    repository: RepositoryName,
    page: { contains: string | undefined; limit: number; last: string | undefined },
    signal: AbortSignal,
  ): Promise<TagsView>;
}

export interface BrowsedTagsParts {
  repositories: Pick<Repositories, "exists" | "holdsManifest">;
  tagRoom: Pick<TagRoom, "facts">;
  images: ImageFactsReader;
  access: Access;
}

/** Rows read at once, and looked at for one page: a search that finds little goes on with the next. */
const step = 500;
const mostLookedAt = 5_000;

export function createBrowsedTags({ repositories, tagRoom, images, access }: BrowsedTagsParts): BrowsedTags {
  async function found(
    stored: RepositoryName,
    { contains, limit, last }: { contains: string | undefined; limit: number; last: string | undefined },
  ): Promise<{ rows: TagFacts[]; next: string | undefined }> {
    const rows: TagFacts[] = [];
    let after = last;
    for (let looked = 0; looked < mostLookedAt; looked += step) {
      const page = await tagRoom.facts(stored, { limit: step, last: after });
      for (const row of page) {
        if (contains !== undefined && !row.name.includes(contains)) continue;
        if (rows.length === limit) return { rows, next: rows.at(-1)?.name };
        rows.push(row);
      }
      after = page.at(-1)?.name ?? after;
      if (page.length < step) return { rows, next: undefined };
    }
    return { rows, next: after };
  }

  return {
    async list(caller, repository, page, signal) {
      const { stored, cached } = await placeOf(repositories, repository);
      const { rows, next } = await found(stored, page);
      const items: TagView[] = [];
      for (const row of rows) {
        // What is inside may be much to read: others get their turn.
        await nextTurn();
        signal.throwIfAborted();
        const image = await images.of(stored, row.digest);
        const pattern = access.immutable(repository, row.name);
        items.push(viewOf(row, image, pattern !== undefined));
      }
      const may = (action: "push" | "overwrite" | "delete") =>
        access.decide(caller, repository, action).allowed;
      return {
        repository,
        items,
        ...(next === undefined ? {} : { next }),
        may: { push: !cached && may("push"), overwrite: !cached && may("overwrite"), delete: may("delete") },
      };
    },
  };
}

function viewOf(
  { name, digest, mediaType, size, pushedAt, pulledAt, pulls, pinned }: TagFacts,
  image: { size: number; platforms: string[] | undefined } | undefined,
  immutable: boolean,
): TagView {
  const [, about] = /^sha256-([0-9a-f]{64})(?:\.[a-z]+)?$/.exec(name) ?? [];
  return {
    name,
    digest,
    mediaType,
    size: image?.size ?? size,
    ...(image?.platforms === undefined ? {} : { platforms: image.platforms }),
    pushedAt: new Date(pushedAt).toISOString(),
    ...(pulledAt === undefined ? {} : { pulledAt: new Date(pulledAt).toISOString() }),
    pulls,
    pinned,
    immutable,
    ...(about === undefined ? {} : { about: `sha256:${about}` }),
  };
}
