import type { Access } from "#core/access.ts";
import { cachedName, publicName } from "#core/cached-name.ts";
import type { Caller } from "#core/caller.ts";
import { afterEngineNames } from "#core/engine-name.ts";
import type { Page, Repositories } from "#core/metadata/repositories.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { onePage, type Listing } from "./tags.ts";

export interface Catalog {
  /** Repositories that hold a manifest and that the caller may pull from, bytewise by name. */
  list(caller: Caller, page: Page): Promise<Listing<RepositoryName>>;
}

/** Names read at once while looking for readable ones. */
const step = 1_000;

export function createCatalog(repositories: Repositories, access: Access): Catalog {
  return {
    list: (caller, page) =>
      onePage(page, async ({ limit, last }) => {
        const readable: RepositoryName[] = [];
        // What is cached of an upstream's repository follows a hosted one of the same name: both are one to clients.
        let before = last;
        const known = last !== undefined && last > afterEngineNames;
        let after = known ? cachedName(last as RepositoryName) : afterEngineNames;
        while (readable.length < limit) {
          const names = await repositories.catalog({ limit: Math.max(step, limit), last: after });
          for (const name of names.map(publicName)) {
            if (name !== before && access.decide(caller, name, "pull").allowed) readable.push(name);
            before = name;
          }
          after = names.at(-1) ?? after;
          if (names.length < Math.max(step, limit)) break;
        }
        return readable.slice(0, limit);
      }),
  };
}
