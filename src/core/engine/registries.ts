import type { Descriptor } from "#oci/descriptor.ts";
import type { Digest } from "#oci/digest.ts";
import type { ImageReference } from "#oci/image-reference.ts";
import type { Platform } from "#oci/platform.ts";

/**
 * Where the engine's images come from and go to: this registry (no network), its pull-through cache, any other one.
 * Whatever `find` and `pull` return lies in Content, complete and verified. Errors: engine-missing (manifest unknown, in
 * docker's words), unauthenticated, denied, engine-failed (network), engine-invalid.
 */
export interface Registries {
  /** Hosted here, or cached already; asks nobody and no rule: who may open the engine's socket may run it. */
  find(reference: ImageReference, platform: Platform): Promise<FoundImage | undefined>;
  /** As the account of `credentials`, or anonymous. `report` hears of every layer. */
  pull(
    reference: ImageReference,
    platform: Platform,
    credentials: RegistryCredentials | undefined,
    report: (line: TransferStep) => void,
    signal: AbortSignal,
  ): Promise<FoundImage>;
  /** The tags of a repository, for `pull --all-tags`. */
  tags(
    repository: ImageReference,
    credentials: RegistryCredentials | undefined,
    signal: AbortSignal,
  ): Promise<string[]>;
  /** Brings the manifest and its blobs there under the reference's tag; into this registry by links. */
  push(
    image: PushedImage,
    reference: ImageReference,
    credentials: RegistryCredentials | undefined,
    report: (line: TransferStep) => void,
    signal: AbortSignal,
  ): Promise<{ digest: Digest; size: number }>;
  /** Throws unauthenticated. */
  signIn(credentials: RegistryCredentials, signal: AbortSignal): Promise<{ identityToken: string }>;
  /** Hosts that mean this registry: `localhost:5000`, `127.0.0.1:5000`, external_url's. */
  readonly ownHosts: readonly string[];
}

/** `X-Registry-Auth`, taken apart. */
export interface RegistryCredentials {
  username: string;
  password: string;
  identityToken: string;
  serverAddress: string;
}

export interface FoundImage {
  /** Of the one platform. */
  manifest: Digest;
  manifestType: string;
  /** What the reference named: the manifest or the index above it. */
  named: Digest;
  config: Descriptor;
  layers: readonly Descriptor[];
}

export interface PushedImage {
  manifest: Digest;
  manifestType: string;
  config: Descriptor;
  /** With the diffID that progress lines are named by. */
  layers: readonly (Descriptor & { diffId: Digest })[];
}

/** What happens to one blob of a transfer. */
export interface TransferStep {
  /** Of the blob. */
  digest: Digest;
  state: "waiting" | "moving" | "verifying" | "moved" | "there" | "mounted";
  /** Bytes. */
  current?: number;
  total?: number;
  /** Repository that it was mounted from. */
  from?: string;
}
