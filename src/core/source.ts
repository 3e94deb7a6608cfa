import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Link, LinkRequest, OpenBlob } from "./blob-store.ts";
import type {
  BlobFacts,
  ManifestFacts,
  Page,
  ReferrersPage,
  StoredManifest,
} from "./metadata/repositories.ts";

/**
 * Where content is read from. The local registry is one; pull-through is one around it. Who may read was decided
 * before. Each throws what registry's services throw: manifest-unknown, blob-unknown, and for content of an upstream
 * also upstream-*.
 */
export interface Source {
  manifests: {
    get(repository: RepositoryName, reference: Digest | Tag): Promise<Sourced<StoredManifest>>;
    /** Like `get` without the bytes. */
    stat(repository: RepositoryName, reference: Digest | Tag): Promise<Sourced<ManifestFacts>>;
  };
  blobs: {
    stat(repository: RepositoryName, digest: Digest): Promise<Sourced<BlobSize>>;
    /** The caller closes the blob. */
    open(repository: RepositoryName, digest: Digest): Promise<Sourced<{ facts: BlobSize; blob: OpenBlob }>>;
    /** A place that the client can be sent to; undefined: none, `open` it. */
    link(
      repository: RepositoryName,
      digest: Digest,
      request: LinkRequest,
    ): Promise<Sourced<{ facts: BlobSize; link: Link }> | undefined>;
  };
  tags: { list(repository: RepositoryName, page: Page): Promise<Sourced<{ items: Tag[]; more: boolean }>> };
  referrers: {
    list(
      repository: RepositoryName,
      subject: Digest,
      page: ReferrersPage,
    ): Promise<Sourced<{ index: string; next: Digest | undefined }>>;
  };
}

export interface BlobSize extends Pick<BlobFacts, "digest" | "size"> {
  /** Since when (ms) its repository has it; undefined: it is only on its way. */
  linkedAt?: number;
}

/** With how it came to be here, for content of an upstream. */
export type Sourced<T> = T & { cache?: CacheMark };

/** For X-Cache and Age. */
export interface CacheMark {
  /**
   * HIT: from here, the upstream wasn't asked. MISS: fetched for this. REVALIDATED: from here, the upstream said that
   * it holds. STALE: from here, because the upstream couldn't be asked, or refused.
   */
  state: "HIT" | "MISS" | "STALE" | "REVALIDATED";
  /** ms since the upstream last confirmed it; for content named by digest, since it came. Undefined: nobody knows. */
  age: number | undefined;
}
