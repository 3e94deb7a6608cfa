import type { Referrer, ReferrersPage, Repositories } from "#core/metadata/repositories.ts";
import { referrersIndex, type ReferrersIndex } from "#core/referrers-index.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

export interface Referrers {
  /** Never fails for an unknown repository or subject: the list is empty then. */
  list(repository: RepositoryName, subject: Digest, page: ReferrersPage): Promise<ReferrersIndex>;
}

/** Rows read at once, first and then: most have few referrers, and each may have annotations of 4 MiB. */
const [firstStep, step] = [8, 32];
/** Characters of annotations after which an answer is full, see referrersIndex. */
const enough = 4 * 1024 * 1024;

export function createReferrers(repositories: Repositories): Referrers {
  return {
    async list(repository, subject, page) {
      const items: Referrer[] = [];
      let read = 0;
      for (let last = page.last; items.length <= page.limit && page.limit > 0;) {
        // One more than asked, to know whether a next page exists.
        const limit = Math.min(items.length === 0 ? firstStep : step, page.limit + 1 - items.length);
        const found = await repositories.referrers(repository, subject, { ...page, last, limit });
        items.push(...found);
        if (found.length < limit) return referrersIndex(items, false);
        read += found.reduce((sum, { annotations }) => sum + (annotations?.length ?? 0), 0);
        if (read > enough) break;
        last = found.at(-1)?.digest;
      }
      return referrersIndex(items.slice(0, page.limit), items.length > 0);
    },
  };
}
