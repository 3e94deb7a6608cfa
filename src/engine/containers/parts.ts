import type { ContainerFolders } from "#core/engine/container-folders.ts";
import type { ContainerRecord, Endpoint } from "#core/engine/container.ts";
import type { HostConfig } from "#core/engine/container-config.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { LogRule, Monitor } from "#core/engine/monitor.ts";
import type { Runtime } from "#core/engine/runtime.ts";
import type { Snapshots } from "#core/engine/snapshots.ts";
import type { MountPoint } from "#core/engine/container.ts";
import type { Digest } from "#oci/digest.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";
import type { MountOrder } from "../volumes/resolve.ts";
import type { Book } from "./book.ts";
import type { Waiters } from "./waiters.ts";

/** What containers are made of. */
export interface ContainersParts {
  book: Book;
  waiters: Waiters;
  images: {
    forContainer(ref: string, platform: string): Promise<{ image: ImageRecord; reference: string }>;
    nameOf(record: ContainerRecord): string;
    commit(commit: CommitOrder): Promise<Digest>;
    /** A container of it is gone: what nobody needs any more may go, too. */
    released(record: ContainerRecord): Promise<void>;
  };
  networks: {
    requested(host: HostConfig, networking: unknown): Record<string, Endpoint>;
    prepare(record: ContainerRecord): Promise<void>;
    files(record: ContainerRecord): Promise<{ hosts: string; resolvConf: string }>;
    environment(record: ContainerRecord): string[];
    plug(record: ContainerRecord, pid: number): Promise<void>;
    unplug(record: ContainerRecord): Promise<void>;
    renamed(record: ContainerRecord): void;
    restore(running: readonly ContainerRecord[]): Promise<void>;
  };
  volumes: {
    resolve(order: MountOrder): Promise<MountPoint[]>;
    keep(mounts: readonly MountPoint[]): Promise<void>;
    fill(record: ContainerRecord): Promise<void>;
    release(record: ContainerRecord, withAnonymous: boolean): Promise<void>;
  };
  snapshots: Snapshots;
  monitor: Monitor;
  runtime: Runtime;
  folders: ContainerFolders;
  /** What the runtime is told; reads users of the mounted root. */
  spec(record: ContainerRecord, rootfs: string): Promise<RuntimeSpec>;
  /** Whom the container runs as, by the files of its root. */
  userOf(record: ContainerRecord): Promise<{ uid: number; gid: number }>;
  /** Takes away what `spec` made for a run; nothing there is fine. */
  unspec(record: ContainerRecord): Promise<void>;
  events: EngineEvents;
  /** ns since 1970. */
  now(): bigint;
  /** 64 hex digits that nobody had before. */
  newId(): string;
  settings: EngineSettings;
  /** What went wrong where nobody waits for an answer. */
  report(error: unknown, what: string): void;
}

export interface EngineSettings {
  hostName: string;
  /** Where the layers' folders lie, for people and their tools. */
  layersFolder: string;
  /** Of containers whose creator says nothing of them. */
  ulimits: readonly { name: string; soft: number; hard: number }[];
  /** Containers have user ids of their own. */
  remapped: boolean;
  log: Omit<LogRule, "driver">;
}

export interface CommitOrder {
  record: ContainerRecord;
  repo: string;
  tag: string;
  comment: string;
  author: string;
  changes: readonly string[];
  /** Config of the request's body; undefined: the container's. */
  config: Record<string, unknown>;
  diff: AsyncIterable<Uint8Array>;
}
