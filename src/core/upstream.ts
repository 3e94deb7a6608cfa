import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Page } from "./metadata/repositories.ts";

/**
 * Another registry that content is pulled from. Knows how to ask (its own credentials, certificates, proxy, rate,
 * redirects, checked addresses), never what is worth asking or keeping. Bytes are handed over as they come and not
 * verified: digests are the caller's business. Implementation: adapters/upstream-http.
 *
 * Errors, all AppError: upstream-unknown (it has no such thing: 404), upstream-refused (401, 403; also with its own
 * credentials), upstream-limited (429; `retryAfter` where it said so), upstream-failed (5xx, 408, time-out, name,
 * connection, TLS, an address or redirect that is not allowed, an answer that broke off), upstream-wrong (an answer
 * that no registry gives: a page, a compressed body, other bytes than asked for), busy (too many wait to ask it).
 */
export interface Upstream {
  /** As the configuration calls it: the first component of its repositories' names here. */
  readonly name: string;

  /**
   * What the reference names, by HEAD. @param known its digest as last seen, asked conditionally.
   * "unchanged": 304. `digest` is undefined where the upstream doesn't say it.
   */
  head(
    repository: RepositoryName,
    reference: Tag | Digest,
    known: Digest | undefined,
    signal: AbortSignal,
  ): Promise<UpstreamHead | "unchanged">;

  /** The manifest's bytes, `limit` at most (more: upstream-wrong). "unchanged" as in `head`. */
  manifest(
    repository: RepositoryName,
    reference: Tag | Digest,
    known: Digest | undefined,
    limit: number,
    signal: AbortSignal,
  ): Promise<UpstreamManifest | "unchanged">;

  /** The blob's size by HEAD; undefined where the upstream doesn't say it. */
  blobSize(repository: RepositoryName, digest: Digest, signal: AbortSignal): Promise<number | undefined>;

  /**
   * The blob's bytes from `from` on. When the upstream can't begin there, `from` of the answer is 0 and the caller
   * skips. The body throws upstream-failed when it breaks off or stalls; a chunk is the caller's.
   */
  blob(repository: RepositoryName, digest: Digest, from: number, signal: AbortSignal): Promise<UpstreamBlob>;

  /** One page of its tags, in its own order. */
  tags(repository: RepositoryName, page: Page, signal: AbortSignal): Promise<UpstreamTags>;

  /**
   * The descriptors of what refers to a manifest, all pages up to a bound; from the referrers tag schema where the
   * upstream has no such API (distribution-spec "Unavailable Referrers API"). None: an empty list.
   */
  referrers(
    repository: RepositoryName,
    subject: Digest,
    limit: number,
    signal: AbortSignal,
  ): Promise<UpstreamReferrer[]>;

  /** Resolves when it answers as a registry and takes the credentials (for `check-config` and people). */
  check(signal: AbortSignal): Promise<void>;
}

export interface UpstreamHead {
  digest: Digest | undefined;
  mediaType: string | undefined;
  size: number | undefined;
}

export interface UpstreamManifest {
  /** As they came; may be anything. */
  bytes: Uint8Array;
  /** Content-Type without parameters. */
  mediaType: string | undefined;
  /** Docker-Content-Digest: a claim. */
  digest: Digest | undefined;
}

export interface UpstreamBlob {
  /** Where the body begins: what was asked for, or 0. */
  from: number;
  /** Of the whole blob, as the upstream says; undefined: it doesn't. */
  size: number | undefined;
  body: AsyncIterable<Uint8Array>;
}

export interface UpstreamTags {
  tags: Tag[];
  /** Whether another page follows. */
  more: boolean;
}

export interface UpstreamReferrer {
  mediaType: string;
  digest: Digest;
  size: number;
  artifactType: string | undefined;
  annotations: Record<string, string> | undefined;
}

/** What an upstream tells of how much may still be asked; both undefined: nothing. */
export interface UpstreamAllowance {
  /** `ratelimit-remaining`: requests left. */
  remaining: number | undefined;
  /** Seconds until there are more. */
  resets: number | undefined;
}

/** What a registry's answer said of a refusal: the `said` of an upstream-* error's `cause`. For people; not to be believed. */
export interface RegistrySaid {
  status: number;
  /** `DENIED`; distribution-spec "Error Codes". */
  code: string | undefined;
  message: string | undefined;
}

export function registrySaid(error: Error): RegistrySaid | undefined {
  const { said } = (error.cause ?? {}) as { said?: RegistrySaid };
  return said;
}
