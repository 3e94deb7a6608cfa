import type { IncomingMessage } from "#http/edge/context.ts";
import type { Guard } from "#http/edge/guard.ts";
import type {
  BlobFacts,
  ManifestFacts,
  Page,
  ReferrersPage,
  StoredManifest,
} from "#core/metadata/repositories.ts";
import type { AuditActor, AuditReads } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import type { Link, LinkRequest, OpenBlob } from "#core/blob-store.ts";
import type { Live } from "#core/live.ts";
import type { Algorithm, Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/** What this door calls; `app` hands it the services, whose shapes fit. */
export interface DistributionNeeds {
  blobs: {
    stat(repository: RepositoryName, digest: Digest): Promise<BlobFacts>;
    open(repository: RepositoryName, digest: Digest): Promise<{ facts: BlobFacts; blob: OpenBlob }>;
    link(
      repository: RepositoryName,
      digest: Digest,
      request: LinkRequest,
    ): Promise<{ facts: BlobFacts; link: Link } | undefined>;
    remove(repository: RepositoryName, digest: Digest, by: AuditActor | undefined): Promise<void>;
  };
  manifests: {
    get(repository: RepositoryName, reference: Digest | Tag): Promise<StoredManifest>;
    stat(repository: RepositoryName, reference: Digest | Tag): Promise<ManifestFacts>;
    put(push: ManifestPush): Promise<{ digest: Digest; subject: Digest | undefined; tags: Tag[] }>;
    remove(repository: RepositoryName, reference: Digest | Tag, by: AuditActor | undefined): Promise<void>;
  };
  tags: { list(repository: RepositoryName, page: Page): Promise<{ items: Tag[]; more: boolean }> };
  catalog: {
    list(caller: Caller, page: Page): Promise<{ items: RepositoryName[]; more: boolean }>;
  };
  referrers: {
    list(
      repository: RepositoryName,
      subject: Digest,
      page: ReferrersPage,
    ): Promise<{ index: string; next: Digest | undefined }>;
  };
  uploads: {
    begin(caller: Caller, repository: RepositoryName, algorithm: Algorithm): Promise<UploadState>;
    status(caller: Caller, repository: RepositoryName, id: string): Promise<UploadState>;
    append(caller: Caller, repository: RepositoryName, id: string, body: UploadBody): Promise<UploadState>;
    finish(
      caller: Caller,
      repository: RepositoryName,
      id: string,
      digest: Digest,
      body: UploadBody,
      by: AuditActor | undefined,
    ): Promise<void>;
    cancel(caller: Caller, repository: RepositoryName, id: string): Promise<void>;
    push(
      caller: Caller,
      repository: RepositoryName,
      digest: Digest,
      body: UploadBody,
      by: AuditActor | undefined,
    ): Promise<void>;
    mount(
      caller: Caller,
      repository: RepositoryName,
      digest: Digest,
      from: RepositoryName | undefined,
      by: AuditActor | undefined,
    ): Promise<boolean | { narrow: RepositoryName }>;
  };
  guard: Guard;
  /** Takes notes of pulls; undefined: audit is off, or of changes only. */
  reads: AuditReads | undefined;
  /** The proxy's internal location of the blobs, where this request's proxy is to send them; else undefined. */
  xAccel(request: IncomingMessage): string | undefined;
  /**
   * Where clients may be sent to the storage itself: how long such a link must work, ms. Undefined: this
   * request's client gets its blobs from here.
   */
  redirect(request: IncomingMessage): number | undefined;
  /** "" or an origin, for Location headers. */
  origin(request: IncomingMessage): string;
  limits: Live<DistributionLimits>;
}

export interface DistributionLimits {
  /** Bytes. */
  manifest_size: number;
  tags_per_put: number;
  page_size: number;
  /** In this process. */
  concurrent_uploads: number;
  /** ms. */
  body_idle_timeout: number;
}

export interface ManifestPush {
  caller: Caller;
  by: AuditActor | undefined;
  repository: RepositoryName;
  reference: Digest | Tag;
  tags: Tag[];
  bytes: Uint8Array;
  contentType: string | undefined;
  expect: "absent" | "present" | Digest | undefined;
}

export interface UploadState {
  id: string;
  /** Bytes received so far. */
  offset: number;
}

export interface UploadBody {
  chunks: AsyncIterable<Uint8Array>;
  length: number | undefined;
  start: number | undefined;
}
