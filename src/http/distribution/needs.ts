import type { IncomingMessage } from "#http/edge/context.ts";
import type { Guard } from "#http/edge/guard.ts";
import type { Page } from "#core/metadata/repositories.ts";
import type { AuditActor, AuditReads } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import type { Live } from "#core/live.ts";
import type { PullNotes } from "#core/pull-notes.ts";
import type { Source } from "#core/source.ts";
import type { Algorithm, Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/** What this door calls; `app` hands it the services, whose shapes fit. */
export interface DistributionNeeds {
  /** Says what the name of a request means. */
  locate(name: RequestedName): Located;
  blobs: {
    remove(repository: RepositoryName, digest: Digest, by: AuditActor | undefined): Promise<void>;
  };
  manifests: {
    put(push: ManifestPush): Promise<{ digest: Digest; subject: Digest | undefined; tags: Tag[] }>;
    remove(repository: RepositoryName, reference: Digest | Tag, by: AuditActor | undefined): Promise<void>;
  };
  catalog: {
    list(caller: Caller, page: Page): Promise<{ items: RepositoryName[]; more: boolean }>;
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
  /** Takes notes of manifests that are sent. */
  pulls: PullNotes;
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

/** A repository's name as the client gave it. */
export interface RequestedName {
  /** From the path; undefined on routes without one. */
  repository: RepositoryName | undefined;
  /** The parameter `ns`: the registry that containerd means; undefined: none was given. */
  ns: string | undefined;
  /** What is to be done to it. */
  does: "pull" | "push" | "delete";
}

/** What it means here. */
export interface Located {
  /** The name that policy and audit know. */
  repository: RepositoryName;
  source: Source;
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
