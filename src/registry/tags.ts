import type { Page, Repositories } from "#core/metadata/repositories.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { repositoryUnknown } from "./faults.ts";

/** A page of names, and whether more follow. */
export interface Listing<T> {
  items: T[];
  more: boolean;
}

export interface Tags {
  /** Bytewise by name. Throws repository-unknown. */
  list(repository: RepositoryName, page: Page): Promise<Listing<Tag>>;
}

export function createTags(repositories: Repositories): Tags {
  return {
    async list(repository, page) {
      const tags = await onePage(page, (wider) => repositories.tags(repository, wider));
      if (tags.items.length === 0 && !(await repositories.exists(repository)))
        throw repositoryUnknown(repository);
      return tags;
    },
  };
}

/** Reads one row more than asked, to know whether a next page exists. */
export async function onePage<T, P extends Page>(
  page: P,
  read: (page: P) => Promise<T[]>,
): Promise<Listing<T>> {
  if (page.limit === 0) return { items: [], more: false };
  const rows = await read({ ...page, limit: page.limit + 1 });
  return { items: rows.slice(0, page.limit), more: rows.length > page.limit };
}
