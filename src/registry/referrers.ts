import type { ReferrersPage, Repositories } from "#core/metadata/repositories.ts";
import { referrersIndex, type ReferrersIndex } from "#core/referrers-index.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { onePage } from "./tags.ts";

export interface Referrers {
  /** Never fails for an unknown repository or subject: the list is empty then. */
  list(repository: RepositoryName, subject: Digest, page: ReferrersPage): Promise<ReferrersIndex>;
}

export function createReferrers(repositories: Repositories): Referrers {
  return {
    async list(repository, subject, page) {
      const { items, more } = await onePage(page, (wider) =>
        repositories.referrers(repository, subject, wider),
      );
      return referrersIndex(items, more);
    },
  };
}
