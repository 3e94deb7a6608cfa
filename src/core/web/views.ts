/**
 * What the web page's API (/api/v1/, http/web) answers, as JSON: the words that the page and the door agree on. Times
 * are ISO 8601 (UTC), sizes bytes, what isn't known is left out. Lists are pages: `next` is what to ask for with
 * `last`; without it nothing follows.
 */

/** GET /api/v1/session, POST /api/v1/session {name, password}. */
export interface SessionView {
  /** Undefined: nobody is signed in; what anonymous people may read is shown. */
  name?: string;
  admin: boolean;
  /** `open`: auth is off, everybody may do everything, and there is nothing to sign in to. */
  auth: "open" | "password" | "elsewhere";
  /** What every change brings along as X-CSRF-Token. */
  csrf: string;
  version: string;
  /** `host[:port]` that clients pull from, for the commands to copy. */
  host: string;
  /** Whether the engine can be shown to this person. */
  engine: boolean;
}

export interface Listed<T> {
  items: T[];
  next?: string;
}

/** GET /api/v1/repositories?contains=&last=&n= */
export interface RepositoryView {
  name: string;
  /** Of the upstream that it comes from; left out: hosted. */
  upstream?: string;
  tags: number;
  manifests: number;
  bytes: number;
  updatedAt?: string;
}

/** GET /api/v1/tags?repository=&contains=&last=&n= */
export interface TagsView extends Listed<TagView> {
  repository: string;
  may: { push: boolean; overwrite: boolean; delete: boolean };
}

export interface TagView {
  name: string;
  digest: string;
  mediaType: string;
  /** Of the image with its layers; of an index: of all that it names here. */
  size: number;
  /** `linux/amd64`, …; left out where it isn't an image. */
  platforms?: string[];
  pushedAt?: string;
  pulledAt?: string;
  pulls: number;
  pinned: boolean;
  immutable: boolean;
  /** A signature or the like (`sha256-….sig`): the digest that it is about. */
  about?: string;
}

/** GET /api/v1/manifest?repository=&reference= */
export interface ManifestView {
  repository: string;
  digest: string;
  mediaType: string;
  artifactType?: string;
  /** Of the manifest itself. */
  size: number;
  totalSize: number;
  tags: string[];
  subject?: string;
  annotations: Record<string, string>;
  /** Of an index. */
  children: {
    digest: string;
    mediaType: string;
    size: number;
    platform?: string;
    present: boolean;
    annotations: Record<string, string>;
  }[];
  layers: { digest: string; mediaType: string; size: number }[];
  /** Of an image. */
  image?: ImageView;
  referrers: ReferrerView[];
  may: { push: boolean; delete: boolean };
}

export interface ImageView {
  platform: string;
  createdAt?: string;
  author?: string;
  entrypoint: string[];
  cmd: string[];
  env: string[];
  workingDir?: string;
  user?: string;
  exposedPorts: string[];
  volumes: string[];
  labels: Record<string, string>;
  /** Oldest first; `layer`: digest of what the step made. */
  history: { createdAt?: string; createdBy: string; comment?: string; layer?: string; size?: number }[];
}

export interface ReferrerView {
  digest: string;
  artifactType?: string;
  size: number;
  annotations: Record<string, string>;
  /** For people: "signature", "SBOM", "attestation", "artifact". */
  kind: string;
}

/** GET /api/v1/removed-tags?repository= */
export interface RemovedTagView {
  id: number;
  repository: string;
  name: string;
  digest: string;
  removedAt: string;
  /** Until when it can come back. */
  until: string;
  removedBy: string;
  rule: string;
}

/** GET /api/v1/usage */
export interface UsageView {
  total: { repositories: number; blobs: number; manifests: number; tags: number; bytes: number };
  /** Largest first, at most a hundred that the person may read. */
  repositories: { name: string; bytes: number; tags: number }[];
  quotas: {
    name: string;
    of: string;
    used: { bytes: number; tags: number };
    bytes?: number;
    tags?: number;
  }[];
  /** Of the disk that blobs lie on; left out for a bucket. */
  disk?: { free: number; total: number };
}

/** GET /api/v1/upstreams */
export interface UpstreamView {
  name: string;
  url: string;
  /** Bytes cached. */
  bytes: number;
  hits: number;
  misses: number;
  /** Left out: it answers, or wasn't asked lately. */
  fault?: string;
}

/** GET /api/v1/activity, and each message of the event stream GET /api/v1/live. */
export interface ActivityView {
  uploads: { id: string; repository: string; received: number; startedAt: string; by?: string }[];
  runs: RunView[];
  events: EventView[];
}

export interface RunView {
  kind: "gc" | "scrub" | "retention" | "snapshot";
  startedAt: string;
  endedAt?: string;
  running: boolean;
  progress: Record<string, string | number>;
  fault?: string;
}

export interface EventView {
  id: number;
  at: string;
  action: string;
  repository?: string;
  tag?: string;
  digest?: string;
  subject?: string;
  actor?: string;
  count: number;
}

/** GET /api/v1/health; warnings and errors are for admins. */
export interface HealthView {
  ready: boolean;
  warnings: string[];
  /** Newest first. */
  errors: { at: string; message: string }[];
  damage: { digest: string; kind: string; repository?: string; why: string; foundAt: string }[];
  garbage?: { waitingBytes: number; waitingBlobs: number };
}

/** POST /api/v1/gc {dry_run: true}: what garbage collection would remove; admins only. Without dry_run it begins: 204. */
export interface GarbageView {
  /** "unfinished" uploads, "untagged" manifests, "referrer", "signature", "unused" blobs; those that there are. */
  reasons: { reason: string; count: number; bytes: number }[];
  /** Given up already, and still in the store. */
  waiting: { blobs: number; bytes: number };
}

/** GET /api/v1/containers; admins only. POST /api/v1/containers/{id}/start, …/stop; GET …/logs is an event stream. */
export interface ContainerView {
  id: string;
  name: string;
  image: string;
  state: string;
  /** As `docker ps` says it. */
  status: string;
  ports: string[];
}

/** What every refusal looks like. */
export interface FaultView {
  errors: { code: string; message: string }[];
}
