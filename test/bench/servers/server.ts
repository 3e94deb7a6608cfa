import type { GarbagePlan } from "../garbage/plan.ts";
import type { RunningEngine } from "./engine.ts";

/** A program that can be measured. Each measurement starts a fresh one in an empty folder. */
export interface Server {
  /** `berth`, `distribution-2`, `distribution-3`, `nginx`, or the name given with --peer. */
  readonly id: string;
  /** With its version, as the table shows it. */
  readonly label: string;
  /**
   * `files`: serves files only, so no row that writes; `engine`: runs containers only; `running`: started by somebody
   * else, kept running.
   */
  readonly kind: "registry" | "files" | "engine" | "running";
  start(folder: string, signal: AbortSignal): Promise<RunningServer>;
  /** Asking who one is; only Berth is measured so. */
  startGuarded?(folder: string, signal: AbortSignal): Promise<GuardedServer>;
  /** Handing blobs over to an nginx in front, whose configuration has these lines; only Berth can. */
  startBehindNginx?(folder: string, signal: AbortSignal): Promise<FrontedServer>;
  /** With its blobs in a bucket of S3. */
  startOnS3?(folder: string, signal: AbortSignal, place: S3Place): Promise<RunningServer>;
  /** As a pull-through cache of one upstream. */
  startCache?(folder: string, signal: AbortSignal, upstream: CachedUpstream): Promise<CacheServer>;
  /** Fills an empty folder with much that nothing names any more. */
  plant?(folder: string, signal: AbortSignal, plan: GarbagePlan): Promise<PlantedFolder>;
  /** Running containers for the docker CLI, on a host of its own. */
  startEngine?(folder: string, signal: AbortSignal): Promise<RunningEngine>;
}

export interface CachedUpstream {
  readonly host: string;
  readonly port: number;
  /** How long a tag is served without asking again, such as `0s`; by default what the cache has. */
  readonly ttl?: string | undefined;
}

export interface CacheServer extends RunningServer {
  /** What stands before the upstream's repository names here; `` or with a slash at its end. */
  readonly prefix: string;
}

/** An empty bucket, and how it is to be used. */
export interface S3Place {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Files that hold the two. */
  readonly idFile: string;
  readonly secretFile: string;
  /** Pulls of blobs are sent on to the bucket. */
  readonly redirect: boolean;
}

/** A server's data without the server. */
export interface PlantedFolder {
  /** Starts the server on it; only of one that takes pushes while garbage is collected. */
  serve?(): Promise<RunningServer>;
  /** Starts collecting garbage. */
  collect(signal: AbortSignal): Collecting;
  /** Whether the blob's bytes are still on the disk. */
  holds(blob: { hex: string; number: number }): boolean;
}

export interface Collecting {
  /** Of what collects, beside the server itself; ended when `done` settles. */
  readonly pid: number;
  done: Promise<void>;
}

export interface GuardedServer extends RunningServer {
  /** Value of an Authorization header with name and password. */
  readonly basic: string;
}

export interface FrontedServer extends RunningServer {
  /** `location` blocks beside the one that passes everything on. */
  readonly locations: readonly string[];
}

/** Disposing ends it (TERM, wait, KILL), unless somebody else started it. */
export interface RunningServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Top of its process tree; undefined when unknown (another user's, another machine's). */
  readonly pid: number | undefined;
  /** Value of the Authorization header that preparing requests need. */
  readonly authorization?: string;
  /** Spawn to the first answer on /v2/, ms. */
  readonly readyAfter: number;
  /** For servers without a push API: puts the blob where GET finds it. */
  plantBlob?(repository: string, digest: string, bytes: Buffer): Promise<void>;
  /** For servers that take one tag a request: writes the files that its tag list reads. */
  plantTags?(repository: string, manifestDigest: string, tags: readonly string[]): Promise<void>;
}
