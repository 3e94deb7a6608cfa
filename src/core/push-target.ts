import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/**
 * Another registry that content is pushed to; distribution-spec "Push". Names are the registry's own. Implementation:
 * adapters/upstream-http. Errors as core/upstream.ts has them; a refusal's `cause` tells the registry's own words
 * (RegistrySaid).
 */
export interface PushTarget {
  hasBlob(repository: RepositoryName, digest: Digest, signal: AbortSignal): Promise<boolean>;
  /**
   * Brings a blob that isn't there. "mounted": the registry has it in `from`, and took it there.
   * @param body begins anew with every call: a connection that breaks early is tried again.
   */
  upload(
    repository: RepositoryName,
    blob: { digest: Digest; size: number; from: RepositoryName | undefined },
    body: () => AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<"mounted" | "uploaded">;
  putManifest(
    repository: RepositoryName,
    reference: Tag | Digest,
    manifest: { mediaType: string; bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<void>;
}
