import type { Sourced } from "#core/source.ts";
import type { StoredManifest } from "#core/metadata/repositories.ts";
import type { UpstreamReferrer } from "#core/upstream.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/**
 * What fills the cache without a client: for prefetching and mirrors. Repositories go by their public names. Errors:
 * upstream-*, manifest-unknown, blob-unknown, repository-unknown for what is no upstream's.
 */
export interface Fill {
  /** The manifest, fetched where it isn't here; a tag is asked for again even inside its TTL. */
  manifest(repository: RepositoryName, reference: Digest | Tag): Promise<Sourced<StoredManifest>>;
  /** Sees that the blob is here. `had`: it was. Resolves when it is durable. @param grew told of bytes as they come. */
  blob(repository: RepositoryName, digest: Digest, grew: (bytes: number) => void): Promise<"had" | "fetched">;
  /** All tags of the upstream's repository, page by page. */
  tags(repository: RepositoryName): AsyncIterable<Tag>;
  /** What refers to a manifest there. */
  referrers(repository: RepositoryName, subject: Digest): Promise<UpstreamReferrer[]>;
}
