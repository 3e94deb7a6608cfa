import type { Filters } from "#core/engine/filters.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { EngineEvent } from "#core/engine/event.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { TerminalSize } from "#core/engine/monitor.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import type { Attachment, LogLine, LogQuery } from "#core/engine/output.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import type { RegistryCredentials } from "#core/engine/registries.ts";
import type { RuntimeFacts, Usage } from "#core/engine/runtime.ts";
import type { Change, PathStat, WriteOptions } from "#core/engine/snapshots.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import type { ImageHistory } from "#oci/image-config.ts";

/**
 * What the docker door calls. `ref` is what the user typed: an id, a unique beginning of one, or a name. `body` is the
 * request's JSON as it came (an object), read by the service; both throw AppError with docker's own words
 * (engine-missing 404, engine-conflict 409, engine-invalid 400, engine-forbidden 403, engine-unchanged 304,
 * engine-unsupported 501, start-failed 400, port-taken 500, engine-failed 500).
 */
export interface DockerNeeds {
  containers: ContainersNeeds;
  execs: ExecsNeeds;
  images: ImagesNeeds;
  networks: NetworksNeeds;
  volumes: VolumesNeeds;
  system: SystemNeeds;
}

type Json = Record<string, unknown>;

export interface ContainersNeeds {
  /** engine-missing only where the image isn't there: the CLI pulls then. */
  create(query: { name: string; platform: string }, body: Json): Promise<{ id: string; warnings: string[] }>;
  /** Newest first. `limit` < 1: no limit. */
  list(query: { all: boolean; limit: number; size: boolean; filters: Filters }): Promise<ListedContainer[]>;
  inspect(ref: string, size: boolean): Promise<InspectedContainer>;
  start(ref: string): Promise<void>;
  /** @param timeout seconds; undefined: the container's own; -1: for ever. */
  stop(ref: string, timeout: number | undefined, signal: string | undefined): Promise<void>;
  restart(ref: string, timeout: number | undefined, signal: string | undefined): Promise<void>;
  kill(ref: string, signal: string | undefined): Promise<void>;
  pause(ref: string): Promise<void>;
  resume(ref: string): Promise<void>;
  rename(ref: string, name: string): Promise<void>;
  update(ref: string, body: Json): Promise<{ warnings: string[] }>;
  /** Resolves (found, and watching) before the container ends; `ended` never rejects but for `signal`. */
  wait(
    ref: string,
    condition: "not-running" | "next-exit" | "removed",
    signal: AbortSignal,
  ): Promise<{ ended: Promise<{ code: number; error: string | undefined }> }>;
  remove(ref: string, options: { force: boolean; volumes: boolean; link: boolean }): Promise<void>;
  prune(filters: Filters): Promise<{ removed: string[]; reclaimed: number }>;
  resize(ref: string, size: TerminalSize): Promise<void>;
  /** Throws engine-conflict for a paused one. `tty`: bytes go raw. `replay` (attach?logs=1) comes before `attachment`. */
  attach(
    ref: string,
    wants: { replay: boolean; stream: boolean; stdin: boolean },
  ): Promise<{ tty: boolean; replay: AsyncIterable<LogLine>; attachment: Attachment | undefined }>;
  logs(
    ref: string,
    query: LogQuery,
    signal: AbortSignal,
  ): Promise<{ tty: boolean; lines: AsyncIterable<LogLine>; attributes: Record<string, string> }>;
  top(ref: string, args: string): Promise<{ titles: string[]; processes: string[][] }>;
  /** Undefined usage: it isn't running. The door asks once a second. */
  stats(ref: string): Promise<{ id: string; name: string; usage: Usage | undefined }>;
  changes(ref: string): Promise<Change[]>;
  exportRoot(ref: string): Promise<AsyncIterable<Uint8Array>>;
  statPath(ref: string, path: string): Promise<PathStat>;
  readPath(ref: string, path: string): Promise<{ stat: PathStat; body: AsyncIterable<Uint8Array> }>;
  writePath(
    ref: string,
    path: string,
    body: AsyncIterable<Uint8Array>,
    options: Pick<WriteOptions, "noOverwriteDirNonDir"> & { copyOwner: boolean },
  ): Promise<void>;
  /** The new image's id. */
  commit(
    query: {
      container: string;
      repo: string;
      tag: string;
      comment: string;
      author: string;
      pause: boolean;
      changes: string[];
    },
    body: Json,
  ): Promise<string>;
}

export interface ListedContainer {
  record: ContainerRecord;
  /** As `ps` shows it: the name while it means that image, else the id. */
  imageName: string;
  sizes: { writable: number; root: number } | undefined;
}

export interface InspectedContainer extends ListedContainer {
  execs: string[];
  logPath: string;
  hostnamePath: string;
  hostsPath: string;
  resolvConfPath: string;
  appArmorProfile: string;
  /** Of its snapshot. */
  rootfs: { lower: string; upper: string; work: string; merged: string };
}

export interface ExecsNeeds {
  create(container: string, body: Json): Promise<string>;
  /** What `create` was told: the door frames by it. engine-missing, engine-conflict. */
  look(id: string): Promise<ExecView>;
  /** Undefined: detached. start-failed and engine-conflict come as rejections, which the door writes into the stream. */
  start(
    id: string,
    options: { detach: boolean; size: TerminalSize | undefined },
  ): Promise<Attachment | undefined>;
  resize(id: string, size: TerminalSize): Promise<void>;
}

export interface ExecView {
  id: string;
  container: string;
  running: boolean;
  /** Undefined: it hasn't ended. */
  exitCode: number | undefined;
  pid: number;
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  detachKeys: string;
  user: string;
  privileged: boolean;
  entrypoint: string;
  arguments: string[];
}

export interface ImagesNeeds {
  list(query: { all: boolean; filters: Filters; sharedSize: boolean }): Promise<ListedImage[]>;
  inspect(name: string): Promise<InspectedImage>;
  history(name: string): Promise<(ImageHistory & { id: string; size: number; tags: string[] })[]>;
  tag(name: string, repo: string, tag: string): Promise<void>;
  remove(name: string, options: { force: boolean; prune: boolean }): Promise<RemovedImage[]>;
  prune(filters: Filters): Promise<{ removed: RemovedImage[]; reclaimed: number }>;
  /**
   * Lines until it is done. Rejects before the first line for what is known by then (404 manifest unknown), and yields
   * a line with errorDetail for what fails later.
   */
  pull(pull: {
    name: string;
    tag: string;
    platform: string;
    credentials: RegistryCredentials | undefined;
    signal: AbortSignal;
  }): AsyncIterable<ProgressLine>;
  /** @param tag "": all tags of the repository. */
  push(push: {
    name: string;
    tag: string;
    credentials: RegistryCredentials | undefined;
    signal: AbortSignal;
  }): AsyncIterable<ProgressLine>;
  save(names: readonly string[]): Promise<AsyncIterable<Uint8Array>>;
  load(body: AsyncIterable<Uint8Array>, quiet: boolean): AsyncIterable<ProgressLine>;
  /** @param source "-": `body`; else a URL. */
  importRoot(from: {
    source: string;
    repo: string;
    tag: string;
    message: string;
    changes: string[];
    platform: string;
    body: AsyncIterable<Uint8Array>;
    signal: AbortSignal;
  }): AsyncIterable<ProgressLine>;
  search(
    term: string,
    limit: number,
    filters: Filters,
  ): Promise<{ name: string; description: string; stars: number; official: boolean }[]>;
  /** `docker login`. Throws unauthenticated with docker's words. */
  signIn(credentials: RegistryCredentials): Promise<{ identityToken: string }>;
}

export interface ListedImage {
  image: ImageRecord;
  /** Containers that use it; -1: not counted. */
  containers: number;
  /** -1: not counted. */
  sharedSize: number;
}

export interface InspectedImage {
  image: ImageRecord;
  parent: string;
}

export type RemovedImage = { Untagged: string } | { Deleted: string };

export interface NetworksNeeds {
  create(body: Json): Promise<{ id: string; warning: string }>;
  list(filters: Filters): Promise<NetworkView[]>;
  inspect(ref: string): Promise<NetworkView>;
  remove(ref: string): Promise<void>;
  prune(filters: Filters): Promise<string[]>;
  connect(ref: string, body: Json): Promise<void>;
  disconnect(ref: string, body: Json): Promise<void>;
}

export interface NetworkView {
  network: NetworkRecord;
  /** Running containers in it, by id. */
  containers: Record<string, { name: string; endpointId: string; mac: string; ipv4: string; ipv6: string }>;
}

export interface VolumesNeeds {
  create(body: Json): Promise<VolumeView>;
  list(filters: Filters): Promise<VolumeView[]>;
  inspect(name: string): Promise<VolumeView>;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<{ removed: string[]; reclaimed: number }>;
}

export interface VolumeView {
  volume: VolumeRecord;
  mountpoint: string;
}

export interface SystemNeeds {
  info(): Promise<EngineInfo>;
  diskUsage(): Promise<DiskUsage>;
  /** Past events since `since`, then new ones, until `until` (ns) has passed or `signal`. Undefined `since`: only new ones. */
  events(
    query: { since: bigint | undefined; until: bigint | undefined; filters: Filters },
    signal: AbortSignal,
  ): AsyncIterable<EngineEvent>;
}

export interface EngineInfo {
  id: string;
  /** Of Berth. */
  version: string;
  facts: RuntimeFacts;
  containers: { running: number; paused: number; stopped: number };
  images: number;
  dataFolder: string;
  hostName: string;
  kernel: string;
  operatingSystem: string;
  started: string;
  warnings: string[];
  /** Containers' users are others on this machine (`userns_remap`). */
  remapped?: boolean;
  /** Hosts of registries that are this one. */
  registries: string[];
}

export interface DiskUsage {
  layers: number;
  images: ListedImage[];
  containers: ListedContainer[];
  volumes: { view: VolumeView; size: number; uses: number }[];
}
