import type { AuthConfig } from "./auth-config.ts";
import type { EngineConfig } from "./engine-config.ts";
import type { GcConfig } from "./gc-config.ts";
import type { ListenAddress } from "./listen-config.ts";
import type { NotificationsConfig } from "./notifications-config.ts";
import type { AuditConfig, PolicyConfig } from "./policy-config.ts";
import type { QuotaConfig } from "./quotas-config.ts";
import type { RetentionConfig } from "./retention-config.ts";
import type { S3StorageConfig } from "./s3-config.ts";
import type { ScrubConfig } from "./scrub-config.ts";
import type { SnapshotsConfig } from "./snapshots-config.ts";
import type { CacheConfig, UpstreamConfig } from "./upstreams-config.ts";
import type { WebConfig } from "./web-config.ts";

/**
 * The configuration after parsing: every default filled in, sizes in bytes, durations in milliseconds.
 * Keys are spelled as in the YAML file, so that a message, the file and the code say the same word.
 */
export interface Config {
  /** Addresses to serve on. */
  listen: ListenAddress[];
  /** Folder for everything that Berth stores. Absolute. */
  data: string;
  /** Origin that clients use, e.g. `https://registry.example.org`; makes Location headers absolute. */
  external_url: string | undefined;
  /** Peers (IP or CIDR) whose X-Forwarded-* headers are believed. */
  trusted_proxies: string[];
  storage: StorageConfig;
  metadata: MetadataConfig;
  uploads: {
    /** A session without traffic for so long is purged. */
    expire_after: number;
    /** How often stale sessions are looked for. */
    purge_interval: number;
  };
  limits: LimitsConfig;
  /** Serving processes; `auto` in the file becomes a number here. */
  workers: number;
  log: { level: "trace" | "debug" | "info" | "warn" | "error" | "silent"; access: boolean };
  /** Certificate for every address that isn't `http://…`; undefined: plain HTTP. */
  tls: TlsConfig | undefined;
  /** Where `/metrics` is served; empty: on the addresses of `listen`, with auth only for who may. */
  metrics: { listen: ListenAddress[] };
  /** Undefined: open on loopback only. */
  auth: AuthConfig | undefined;
  policy: PolicyConfig;
  audit: AuditConfig;
  /** Registries that content is pulled from, through here. */
  upstreams: UpstreamConfig[];
  cache: CacheConfig;
  gc: GcConfig;
  scrub: ScrubConfig;
  snapshots: SnapshotsConfig;
  /** How much may be stored; empty: as much as there is room. */
  quotas: QuotaConfig[];
  retention: RetentionConfig;
  web: WebConfig;
  notifications: NotificationsConfig;
  engine: EngineConfig;
  /** `name[:group]` that serves when root starts registry and engine together; undefined: see docs/engine.md. */
  user: string | undefined;
}

export type StoreKind = "disk" | "s3";

/** Blobs lie in the bucket where `s3` is set, else on the disk, unless `stores` says otherwise. */
export interface StorageConfig {
  /**
   * Hash every blob while it is served whole, and break off before the last bytes when it doesn't match. Then
   * Berth sends all blobs itself: what nginx or the bucket sends, it can't hash.
   */
  verify_reads: boolean;
  /** New blobs go to the first; what still lies in the second is read there. One or two. */
  stores: StoreKind[];
  disk: DiskStorageConfig;
  s3: S3StorageConfig | undefined;
}

export interface DiskStorageConfig {
  /** Folder of the blobs and of uploads in progress. Absolute; `storage` below `data` by default. */
  path: string;
  /** Write large uploads past the page cache where the file system can: less copying, steadier memory. */
  direct_writes: boolean;
  /** nginx' internal location of the blobs folder, `/berth-blobs/`: blob pulls through it are handed over to nginx. */
  x_accel_redirect: string | undefined;
}

/** Where metadata is kept: SQLite in the data folder when neither `url` nor `url_file` is set. */
export interface MetadataConfig {
  /** `postgres://…`, with a password: never shown. */
  url: string | undefined;
  /** A file that holds such a URL, instead of `url`. Absolute. */
  url_file: string | undefined;
  /** Connections of one process at most. */
  pool: number;
}

/** Files are PEM, absolute, and read again when they change. */
export interface TlsConfig {
  certificate: string;
  key: string;
  /** CA of client certificates. */
  client_ca: string | undefined;
  /** Whether clients are asked for a certificate, or turned away without one. */
  client_certificates: "off" | "optional" | "required";
  min_version: "TLSv1.2" | "TLSv1.3";
}

export interface LimitsConfig {
  /** Largest manifest, bytes; larger is 413. */
  manifest_size: number;
  /** `?tag=` parameters of one manifest PUT; more is 414. */
  tags_per_put: number;
  /** Largest page of tags, repositories or referrers; larger `n` is clamped. */
  page_size: number;
  /** Uploads receiving at the same time, over all workers; more get 503 with Retry-After. */
  concurrent_uploads: number;
  /** Time for a client to send its request line and headers, ms. */
  header_timeout: number;
  /** Longest silence inside a request or response body, ms. There is no limit for the whole body. */
  body_idle_timeout: number;
  /** How long an idle connection is kept, ms. Longer than the proxy's in front (nginx: 60 s). */
  keep_alive_timeout: number;
  /** How long SIGTERM waits for running requests, ms. */
  drain_timeout: number;
}

export type { AuthConfig, OutsideConfig, WorkloadProvider, WorkloadRule } from "./auth-config.ts";
export type { EngineAddress, EngineConfig } from "./engine-config.ts";
export type { GcConfig, UntaggedRule } from "./gc-config.ts";
export type { ListenAddress } from "./listen-config.ts";
export type {
  NotificationsConfig,
  WebhookAction,
  WebhookConfig,
  WebhookFormat,
} from "./notifications-config.ts";
export type {
  AuditConfig,
  ImmutableTags,
  MissingReferencesRule,
  PolicyConfig,
  PolicyRule,
} from "./policy-config.ts";
export type { QuotaConfig } from "./quotas-config.ts";
export type { RetentionConfig, RetentionKeep, RetentionRule } from "./retention-config.ts";
export type { RedirectConfig, S3StorageConfig } from "./s3-config.ts";
export type { ScrubConfig } from "./scrub-config.ts";
export type { SnapshotsConfig } from "./snapshots-config.ts";
export type { CacheConfig, UpstreamConfig } from "./upstreams-config.ts";
export type { WebConfig } from "./web-config.ts";
