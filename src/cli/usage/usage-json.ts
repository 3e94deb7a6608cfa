import type { UsageReport } from "#app/verbs/usage.ts";
import type { RepositoryDetail } from "#core/metadata/usage.ts";
import { sumOf } from "./sum-of.ts";

/** The report as --json prints it: sizes are bytes. */
export function usageJson({ repositories, all }: UsageReport): unknown {
  return {
    repositories: repositories.map(({ updatedAt, ...rest }) => ({
      name: rest.name,
      ...amounts(rest),
      blobs: rest.blobs,
      manifests: rest.manifests,
      updated_at: updatedAt === undefined ? null : new Date(updatedAt).toISOString(),
    })),
    sum: amounts(sumOf(repositories)),
    ...(all === undefined
      ? {}
      : {
          cached_bytes: all.cachedBytes,
          quotas: all.quotas.map(({ name, of, used, bytes, tags }) => ({
            name,
            of,
            used,
            allowed: { bytes: bytes ?? null, tags: tags ?? null },
          })),
          accounts: all.accounts,
        }),
  };
}

type Amounts = Pick<RepositoryDetail, "bytes" | "ownBytes" | "sharedBytes" | "unreferencedBytes" | "tags">;

function amounts({ bytes, ownBytes, sharedBytes, unreferencedBytes, tags }: Amounts) {
  return {
    bytes,
    own_bytes: ownBytes,
    shared_bytes: sharedBytes,
    tags,
    freed_by_deleting: ownBytes,
    freed_by_gc: unreferencedBytes,
  };
}
