import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import type {
  ActivityView,
  ContainerView,
  GarbageView,
  HealthView,
  Listed,
  ManifestView,
  RemovedTagView,
  RepositoryView,
  SessionView,
  TagsView,
  UpstreamView,
  UsageView,
} from "#core/web/views.ts";
import type { ApiCallers } from "#http/edge/api-callers.ts";
import type { IncomingMessage } from "#http/edge/context.ts";
import type { Guard, Known } from "#http/edge/guard.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/** What this door calls; `app` hands it the services, whose shapes fit. */
export interface WebNeeds {
  callers: ApiCallers;
  guard: Pick<Guard, "permit">;
  auth: SessionView["auth"];
  version: string;
  /** Origin that clients know the registry by. */
  origin(request: IncomingMessage): string;
  /** The client's address. */
  client(request: IncomingMessage): string;
  /** Undefined: nobody signs in here. */
  signIn:
    | {
        signIn(name: string, secret: string, from: { address: string; request: string }): Promise<NewSession>;
        end(cookie: string): Promise<void>;
      }
    | undefined;
  browse: {
    repositories(caller: Caller, page: SearchedPage, signal: AbortSignal): Promise<Listed<RepositoryView>>;
    tags(
      caller: Caller,
      repository: RepositoryName,
      page: SearchedPage,
      signal: AbortSignal,
    ): Promise<TagsView>;
    manifest(caller: Caller, repository: RepositoryName, reference: Digest | Tag): Promise<ManifestView>;
    removedTags(
      caller: Caller,
      repository: RepositoryName | undefined,
      page: { limit: number; after: number | undefined },
    ): Promise<Listed<RemovedTagView>>;
  };
  changes: {
    /** Of a tag or, by digest, of a manifest with all its tags. Throws manifest-unknown, denied. */
    remove(repository: RepositoryName, reference: Digest | Tag, by: AuditActor): Promise<void>;
    /** Puts what `from` names under `tag`, as a push of it. */
    retag(
      caller: Caller,
      repository: RepositoryName,
      tag: Tag,
      from: Digest | Tag,
      by: AuditActor,
    ): Promise<Digest>;
    /** Where a removed tag belongs; undefined: there is none of that id that the caller may know of. */
    removed(caller: Caller, id: number): Promise<{ repository: RepositoryName; name: Tag } | undefined>;
    /** Throws manifest-unknown when it is gone, account-exists when the tag is there again. */
    restore(id: number, by: AuditActor): Promise<{ repository: RepositoryName; name: Tag; digest: Digest }>;
    /** Throws manifest-unknown. */
    pin(repository: RepositoryName, tag: Tag, pinned: boolean, by: AuditActor): Promise<void>;
  };
  house: {
    usage(caller: Caller, signal: AbortSignal): Promise<UsageView>;
    upstreams(caller: Caller): Promise<UpstreamView[]>;
    activity(caller: Caller): Promise<ActivityView>;
    health(caller: Caller): Promise<HealthView>;
  };
  garbage: {
    /** What a run would remove now. */
    preview(signal: AbortSignal): Promise<GarbageView>;
    /** Begins a run, which goes on by itself. Throws unavailable while another goes on. */
    begin(): Promise<void>;
  };
  /** Undefined: there is no engine. */
  containers:
    | {
        reachable(): Promise<boolean>;
        list(): Promise<ContainerView[]>;
        logs(id: string, signal: AbortSignal): Promise<AsyncIterable<string>>;
        start(id: string): Promise<void>;
        stop(id: string): Promise<void>;
      }
    | undefined;
  /** Aborted when the server stops: streams end. */
  stopping: AbortSignal;
  /** Undefined: the page wasn't built. */
  page: PageFiles | undefined;
}

export interface NewSession {
  cookie: string;
  csrf: string;
  known: Known;
}

export interface SearchedPage {
  contains: string | undefined;
  limit: number;
  last: string | undefined;
}

/** The built files, by their path below `/`. */
export interface PageFiles {
  find(path: string): PageFile | undefined;
}

export interface PageFile {
  contentType: string;
  hash: string;
  bytes(encoding: "identity"): Promise<Uint8Array>;
  /** Undefined: this file isn't packed. */
  bytes(encoding: "br" | "gzip"): Promise<Uint8Array | undefined>;
}
