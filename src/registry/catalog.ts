import type { Page, Repositories } from "#core/metadata/repositories.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { onePage, type Listing } from "./tags.ts";

export interface Catalog {
  /** Repositories that hold a manifest, bytewise by name. */
  list(page: Page): Promise<Listing<RepositoryName>>;
}

export function createCatalog(repositories: Repositories): Catalog {
  return { list: (page) => onePage(page, (wider) => repositories.catalog(wider)) };
}
