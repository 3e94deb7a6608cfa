import type { Access } from "#core/access.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Caller } from "#core/caller.ts";
import type { RegistryCredentials } from "#core/engine/registries.ts";
import type { PushTarget } from "#core/push-target.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Upstream } from "#core/upstream.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/**
 * This registry as far as the engine reaches it now: it may not be there at all, start, stop, belong to another user.
 * Implemented by app.
 */
export interface OwnRegistry {
  /** Whether there is one, running or not. */
  exists(): Promise<boolean>;
  /** Undefined: there is none, or it can't be read now. */
  read<T>(work: (content: OwnContent) => Promise<T>): Promise<T | undefined>;
  /** Undefined: there is none, or nobody here may change it now. What `work` throws for reasons of its own is thrown. */
  change<T>(work: (content: ChangeableContent) => Promise<T>): Promise<T | undefined>;
}

export interface OwnContent {
  repositories: Repositories;
  store: Pick<BlobStore, "open" | "stat">;
  now(): number;
}

export interface ChangeableContent extends OwnContent {
  /** As a push by this caller: policy, immutable tags, audit. Throws denied, and what registry's manifests.put throws. */
  putManifest(put: ManifestByCaller): Promise<void>;
  /** Who is behind it, for the audit log and events. Throws denied where the caller may not push there at all. */
  mayPush(caller: Caller, repository: RepositoryName): MayPush;
}

export type MayPush = Parameters<Repositories["mount"]>[4];

export interface ManifestByCaller {
  caller: Caller;
  repository: RepositoryName;
  reference: Tag | Digest;
  bytes: Uint8Array;
  mediaType: string;
}

/** Who is who at this registry. */
export interface OwnAccounts {
  /**
   * The caller that credentials prove, anonymous without them. Throws unauthenticated, too-many-attempts.
   * "elsewhere": another server has the accounts, so only the running registry can tell.
   */
  prove(credentials: RegistryCredentials | undefined): Promise<Caller | "elsewhere">;
  readonly access: Pick<Access, "decide">;
  /** With a token to keep in place of the password, where there are such. */
  signIn(credentials: RegistryCredentials): Promise<{ identityToken: string } | "elsewhere">;
}

/** Clients of other registries, and of this one's running server. Whoever opens one disposes it. */
export interface Remotes {
  /** @param domain of a reference: `docker.io`, `registry.example:5000` */
  open(domain: string, credentials: RegistryCredentials | undefined): Promise<Remote>;
  /** Undefined: no server runs. */
  openOwn(credentials: RegistryCredentials | undefined): Promise<Remote | undefined>;
}

export interface Remote extends AsyncDisposable {
  /** Origin, for messages: `https://registry-1.docker.io`. */
  readonly url: string;
  readonly source: Upstream;
  readonly target: PushTarget;
}

/** Names by which this registry and its upstreams are known; from the configuration in force. */
export interface RegistryNames {
  /** `localhost:5000`, lower case. */
  readonly own: readonly string[];
  /** The upstream that a domain means. `shadowed`: what is hosted below its name stands before it. */
  upstream(domain: string): { name: string; shadowed: boolean } | undefined;
  /** The upstream below whose name a repository of this registry lies: `docker.io/library/busybox`. */
  upstreamOf(repository: RepositoryName): { name: string; shadowed: boolean } | undefined;
}
