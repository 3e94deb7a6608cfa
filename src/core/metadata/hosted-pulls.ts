import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** When hosted manifests were pulled, and how often. Implementations pass test/contract/metadata/hosted-pulls.ts. */
export interface HostedPulls {
  /** Adds these; a time never goes back. A manifest that isn't there any more is left out. */
  note(pulls: readonly HostedPull[]): Promise<void>;
}

export interface HostedPull {
  repository: RepositoryName;
  /** Of a manifest. */
  digest: Digest;
  /** ms, the last of them. */
  at: number;
  count: number;
}
