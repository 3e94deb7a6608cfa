import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { AuditActor } from "../audit.ts";
import type { Location } from "../blob-store.ts";
import type { OverQuota, QuotaFact } from "./usage.ts";

/**
 * What is in which repository: links to blobs, manifests, tags, referrers. Every method is one change
 * of facts in one transaction, durable when its promise resolves, or one consistent read.
 * A missing repository reads like an empty one, except where a method says otherwise.
 * `by` is who is behind a change: its audit rows are written with it, in the same transaction, and only
 * when something was done. Undefined: audit is off.
 * Implementations pass test/contract/metadata.ts.
 */
export interface Repositories {
  exists(repository: RepositoryName): Promise<boolean>;
  /** Whether it holds a manifest: blobs alone are a push that isn't finished. */
  holdsManifest(repository: RepositoryName): Promise<boolean>;
  /** Repositories that hold a manifest, by name (bytewise), after `last`. */
  catalog(page: Page): Promise<RepositoryName[]>;

  // ── blobs ──────────────────────────────────────────────────────────────────────────────────────
  /** The blob, if this repository links it. A blob known only elsewhere is undefined. */
  blob(repository: RepositoryName, digest: Digest): Promise<LinkedBlob | undefined>;
  /** A blob wherever it is linked; only for callers that decided that they may know. */
  anyBlob(digest: Digest): Promise<BlobFacts | undefined>;
  /** Names of repositories that link the blob, bytewise. To be told only to who may read them. */
  holders(digest: Digest, page: Page): Promise<RepositoryName[]>;
  /** What is recorded of a digest, also when no repository links it any more; tells nothing to clients. */
  recordedBlob(digest: Digest): Promise<BlobFacts | undefined>;
  /** Every blob that is recorded, linked or not, by digest (bytewise), after `last`. */
  recordedBlobs(page: Page): Promise<BlobFacts[]>;
  /**
   * Records a blob that the store just committed and links it to the repository. Where the digest is
   * known already, the older location wins and `redundant` is the new one, for the caller to delete
   * (unless `replace` names the stored location as damaged: then the new one wins and the damaged
   * location is redundant).
   * A session that ends with this is forgotten in the same transaction. Throws upload-busy, nothing
   * written, when a writer other than `upload.holder` has it; for a holder also when that one's claim ran out,
   * and upload-unknown when the session is over.
   */
  addBlob(add: AddBlob): Promise<AddedBlob>;
  /**
   * Links a blob of repository `from` (or of any, where undefined) to `repository`. `over`: nothing was written,
   * because that would go over one of the quotas.
   */
  mount(
    repository: RepositoryName,
    digest: Digest,
    from: RepositoryName | undefined,
    now: number,
    by: AuditActor | undefined,
    quotas?: readonly QuotaFact[],
  ): Promise<BlobFacts | { over: OverQuota } | undefined>;
  /**
   * Marks the bytes at this location as damaged (nothing when the blob has another location by now).
   * The next `addBlob` of the digest replaces them, whatever its `replace` says, and clears the mark.
   */
  quarantine(digest: Digest, location: Location): Promise<void>;
  /**
   * From now on the blob's bytes lie at `to`, where the caller has put them and seen that they are right: a mark
   * as damaged is cleared. False, nothing written, when the blob has another location than `from` by now.
   */
  moveBlob(digest: Digest, from: Location, to: Location): Promise<boolean>;
  /** Takes the link away unless a manifest of the repository uses the blob. */
  unlinkBlob(
    repository: RepositoryName,
    digest: Digest,
    now: number,
    by: AuditActor | undefined,
  ): Promise<Unlinked>;

  // ── manifests and tags ─────────────────────────────────────────────────────────────────────────
  manifest(repository: RepositoryName, reference: Digest | Tag): Promise<StoredManifest | undefined>;
  /** Like `manifest` without reading the bytes. */
  manifestFacts(repository: RepositoryName, reference: Digest | Tag): Promise<HeldManifest | undefined>;
  /** What the manifest names that its repository lacked when it was put, as was allowed then. */
  holes(repository: RepositoryName, digest: Digest): Promise<Digest[]>;
  /** Every tag of the manifest, by name. */
  tagsOf(repository: RepositoryName, digest: Digest): Promise<Tag[]>;
  /** Checks references and tag facts, stores the manifest, moves the tags: all or nothing. */
  putManifest(put: PutManifest): Promise<PutOutcome>;
  /** Removes the manifest and every tag that points to it. False when it isn't there. */
  deleteManifest(
    repository: RepositoryName,
    digest: Digest,
    facts: DeleteFacts,
    now: number,
    by: AuditActor | undefined,
  ): Promise<DeleteOutcome>;
  /** Removes the tag only. */
  deleteTag(
    repository: RepositoryName,
    tag: Tag,
    facts: DeleteFacts,
    now: number,
    by: AuditActor | undefined,
  ): Promise<DeleteOutcome>;
  /** Tags by name (bytewise), after `last`. */
  tags(repository: RepositoryName, page: Page): Promise<Tag[]>;
  /** Manifests whose subject is `subject`, by digest, after `last`. */
  referrers(repository: RepositoryName, subject: Digest, page: ReferrersPage): Promise<Referrer[]>;

  /** For /metrics. */
  count(): Promise<{ repositories: number; blobs: number; manifests: number; tags: number }>;
}

/** A keyset page: up to `limit` rows that sort after `last`. */
export interface Page {
  limit: number;
  last: string | undefined;
}

export interface ReferrersPage extends Page {
  artifactType: string | undefined;
}

export interface BlobFacts {
  digest: Digest;
  /** Bytes. */
  size: number;
  location: Location;
  /** Its bytes were found missing or wrong; clients see it as unknown until it is pushed again. */
  damaged: boolean;
}

/** A blob as one repository has it. */
export interface LinkedBlob extends BlobFacts {
  /** When (ms) it came to that repository. */
  linkedAt: number;
}

export interface AddBlob extends Omit<BlobFacts, "damaged"> {
  repository: RepositoryName;
  upload: { id: string; holder: string | undefined } | undefined;
  replace: Location | undefined;
  now: number;
  by: AuditActor | undefined;
  /** What it may not go over. */
  quotas?: readonly QuotaFact[] | undefined;
}

export interface AddedBlob {
  /** Which location nobody needs, for the caller to delete. */
  redundant: Location | undefined;
  /** Nothing was written: the repository would go over this quota. The session is the caller's to end. */
  over?: OverQuota;
}

export type Unlinked =
  { outcome: "unlinked" } | { outcome: "unknown" } | { outcome: "in-use"; manifest: Digest };

export interface ManifestFacts {
  digest: Digest;
  mediaType: string;
  /** Bytes. */
  size: number;
}

/** A manifest as one repository has it. */
export interface HeldManifest extends ManifestFacts {
  /** When (ms) it was last put there. */
  pushedAt: number;
}

export interface StoredManifest extends HeldManifest {
  /** Exactly what was pushed. */
  bytes: Uint8Array;
}

/** A digest that a manifest names. */
export interface ManifestReference {
  digest: Digest;
  /** What the descriptor says. */
  size: number;
  /** `blob`: config or layer; `manifest`: child of an index; a nondistributable layer is a blob too. */
  kind: "blob" | "manifest";
  /** Must be in the repository for the put to succeed; else its absence is recorded as intended. */
  required: boolean;
}

/** What a decision about a tag rested on; compared inside the transaction. */
export type TagFact = "any" | "absent" | Digest;

export interface PutManifest extends ManifestFacts {
  repository: RepositoryName;
  bytes: Uint8Array;
  subject: Digest | undefined;
  /** As the referrers list shows it: artifactType, or the config's media type, or none. */
  artifactType: string | undefined;
  /** JSON text of the annotations object, as the referrers list shows it. */
  annotations: string | undefined;
  references: ManifestReference[];
  /** `rules`: what allows each, for the audit log; without them it is `by`'s. */
  tags: { name: Tag; was: TagFact; rules?: { create: string; move: string } }[];
  /** A condition on what a tag or digest is now (HTTP If-Match, If-None-Match); undefined: none. */
  expect: { reference: Digest | Tag; is: "absent" | "present" | Digest } | undefined;
  now: number;
  by: AuditActor | undefined;
  /** What it and its new tags may not go over. */
  quotas?: readonly QuotaFact[] | undefined;
}

export type PutOutcome =
  /** Stored. `moved` are the tags that pointed elsewhere before. */
  | { outcome: "stored"; moved: Tag[] }
  /** Nothing written: required references that the repository lacks. */
  | { outcome: "missing"; references: ManifestReference[] }
  /** Nothing written: references whose stored size isn't what the descriptor says. */
  | { outcome: "wrong-size"; references: (ManifestReference & { stored: number })[] }
  /** Nothing written: a tag fact or `expect` does not hold. `is` is where the tag (or digest) points now. */
  | { outcome: "changed"; reference: Tag | Digest; is: Digest | undefined }
  /** Nothing written: it, or its new tags, would go over a quota. */
  | { outcome: "over-quota"; over: OverQuota };

/** For deletes: the tag (or, by digest, each tag of it) must be exactly so. `undefined` = don't care. */
export interface DeleteFacts {
  tagIs?: Digest | undefined;
  tagsOfDigest?: Tag[] | undefined;
}

export type DeleteOutcome = "deleted" | "unknown" | "changed";

export interface Referrer extends ManifestFacts {
  artifactType: string | undefined;
  annotations: string | undefined;
}
