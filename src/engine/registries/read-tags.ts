import type { Registries, RegistryCredentials } from "#core/engine/registries.ts";
import type { Page } from "#core/metadata/repositories.ts";
import { cachedName } from "#core/cached-name.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { askOwn } from "./ask-own.ts";
import { dockerWords } from "./docker-words.ts";
import { pathIn, triedWith } from "./named.ts";
import type { Remote } from "./parts.ts";
import type { RegistriesRoom } from "./room.ts";
import { domainOf, given } from "./which-way.ts";

const page = 1_000;
/** Of one repository; who pulls all of so many means something else. */
const most = 20_000;

export function createReadTags(room: RegistriesRoom): Registries["tags"] {
  const { registry, remotes, names, whichWay } = room;

  async function remoteTags(remote: Remote, repository: RepositoryName, signal: AbortSignal): Promise<Tag[]> {
    return all(async (wanted) => {
      const { tags, more } = await remote.source.tags(repository, wanted, signal);
      return { tags, more };
    });
  }

  async function hostedTags(repository: RepositoryName): Promise<Tag[]> {
    const found = await registry.read(async ({ repositories }) => {
      for (const place of [repository, cachedName(repository)]) {
        const tags = await all(async (wanted) => {
          const tags = await repositories.tags(place, wanted);
          return { tags, more: tags.length === page };
        });
        if (tags.length > 0) return tags;
      }
      return [];
    });
    return found ?? [];
  }

  return async (reference, credentials, signal) => {
    const who = given(credentials);
    const way = await whichWay(reference);
    let url = `http://${reference.domain}`;
    let as: RegistryCredentials | undefined = who;
    try {
      if (way.kind === "own" && !way.upstream) {
        await askOwn(room, undefined, way.repository, who, signal);
        return await hostedTags(way.repository);
      }
      const isForOwn = who === undefined || names.own.includes(domainOf(who.serverAddress));
      const served = way.kind === "own" || (way.kind === "upstream" && isForOwn);
      await using own = served ? await remotes.openOwn(who) : undefined;
      if (own !== undefined && way.kind !== "other") {
        ({ url } = own);
        return await remoteTags(own, way.repository, signal);
      }
      as = way.kind === "other" || !isForOwn ? who : undefined;
      await using remote = await remotes.open(reference.domain, as);
      ({ url } = remote);
      return await remoteTags(remote, pathIn(reference), signal);
    } catch (error) {
      throw dockerWords(error, triedWith("pull", reference, url, as));
    }
  };
}

async function all(read: (page: Page) => Promise<{ tags: Tag[]; more: boolean }>): Promise<Tag[]> {
  const tags: Tag[] = [];
  for (let more = true; more && tags.length < most;) {
    const next = await read({ limit: page, last: tags.at(-1) });
    tags.push(...next.tags);
    more = next.more && next.tags.length > 0;
  }
  return tags;
}
