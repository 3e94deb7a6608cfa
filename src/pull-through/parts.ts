import type { CachedContent } from "#core/metadata/cached-content.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Clock } from "#core/clock.ts";
import type { FetchRelay } from "#core/fetch-relay.ts";
import type { Ingest } from "#core/ingest.ts";
import type { Live } from "#core/live.ts";
import type { Source } from "#core/source.ts";
import type { Spool } from "#core/spool.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { UpstreamLinks, Upstreams } from "./upstream-link.ts";

/** What the service is made of; `app` hands it in. */
export interface PullThroughParts {
  upstreams: Live<Upstreams>;
  links: UpstreamLinks;
  /** The registry's own content, and the cached names' too. */
  local: Source;
  ingest: Ingest;
  spool: Pick<Spool, "open">;
  cached: CachedContent;
  repositories: Pick<Repositories, "holdsManifest" | "blob" | "manifest" | "deleteTag">;
  /** Undefined where one process serves alone. */
  relay: FetchRelay | undefined;
  clock: Clock;
  pulls: { note(repository: RepositoryName, digest: Digest): void };
  /** Bytes of a manifest at most. */
  manifestLimit: () => number;
  /** Told of what failed although a client was served, or when no client waits for it any more. */
  report: (error: unknown, what: string) => void;
  /** Ends everything that runs, when the server stops. */
  signal: AbortSignal;
}
