import type { Digest } from "#oci/digest.ts";

/** A layer's folder, 12 characters: short, because a mount names all of them in one page. */
export type LayerId = string & { readonly __layer: true };

/** One unpacked layer, shared by all images and containers that have it. */
export interface LayerRecord {
  id: LayerId;
  /** Digest of the uncompressed tar. */
  diffId: Digest;
  /** Bytes of its files. */
  size: number;
}

/**
 * Root file systems: layers unpacked once, mounted together for each container. Thin: who may remove what is the
 * service's business. Implementation: adapters/overlay. Errors: engine-failed, layer-invalid (a hostile or broken tar),
 * engine-missing (no such path), engine-invalid.
 */
export interface Snapshots {
  /**
   * Unpacks a layer tar into a new folder. Nothing of it is there until all of it is; bytes that aren't `diffId` when
   * uncompressed leave nothing. The same diffID at the same time is unpacked once.
   * @param below layers under it, base first: what its hard links may name.
   * @param compression how `body` is packed; "detect" looks at its first bytes.
   */
  unpack(
    diffId: Digest | undefined,
    below: readonly LayerId[],
    body: AsyncIterable<Uint8Array>,
    compression: Compression,
    signal?: AbortSignal,
  ): Promise<LayerRecord>;
  removeLayer(id: LayerId): Promise<void>;
  /** Folders that no record knows (left by a crash) are removed. */
  sweep(known: { layers: ReadonlySet<LayerId>; containers: ReadonlySet<string> }): Promise<void>;

  /** Makes the container's writable part, empty. */
  prepare(container: string, layers: readonly LayerId[]): Promise<void>;
  /**
   * Mounts it; resolves with the root's path. Counted: each mount needs its own unmount. A mount that is there from
   * before (the engine was killed) is taken over.
   * @param options.volatile what it writes need not outlive the host: a quick unmount for containers that go with their exit.
   */
  mount(container: string, layers: readonly LayerId[], options?: { volatile?: boolean }): Promise<string>;
  unmount(container: string): Promise<void>;
  /** After a restart of the engine: this container runs and its mount counts as one. */
  adopt(container: string): Promise<void>;
  /** Removes the writable part; unmounts first, whatever the count. */
  remove(container: string): Promise<void>;

  /** What differs from the image. */
  changes(container: string): Promise<Change[]>;
  /** The writable part as a layer tar (whiteouts as OCI writes them): for commit. The caller reads it to the end or destroys it. */
  diff(container: string): Promise<AsyncIterable<Uint8Array>>;
  /** All of the root as a tar: for export. */
  exportRoot(container: string): Promise<AsyncIterable<Uint8Array>>;
  /** Bytes of the writable part, and of everything. */
  usage(container: string): Promise<{ writable: number; root: number }>;

  /**
   * A file of the root, links followed inside the root only; undefined: there is none. For passwd and group.
   * @param most bytes; a larger one is engine-invalid.
   */
  readFile(container: string, path: string, most: number): Promise<Uint8Array | undefined>;
  /** `docker cp`. Paths are resolved inside the root (and what `mounts` puts there), never outside of it. */
  statPath(container: string, mounts: readonly MountedAt[], path: string): Promise<PathStat>;
  /** A tar whose first entry is named by the path's base name. */
  readPath(
    container: string,
    mounts: readonly MountedAt[],
    path: string,
  ): Promise<{ stat: PathStat; body: AsyncIterable<Uint8Array> }>;
  /** Unpacks a tar into the folder `path`. Errors as dockerd's: engine-missing, engine-invalid, engine-forbidden (read-only). */
  writePath(
    container: string,
    mounts: readonly MountedAt[],
    path: string,
    body: AsyncIterable<Uint8Array>,
    options: WriteOptions,
  ): Promise<void>;
  /** Copies what the image has at `path` into an empty folder of this host, with owners and modes. False: it has nothing there. */
  copyOut(container: string, path: string, target: string): Promise<boolean>;
}

export type Compression = "none" | "gzip" | "zstd" | "detect";

export interface MountedAt {
  source: string;
  destination: string;
  rw: boolean;
}

export interface Change {
  path: string;
  kind: "changed" | "added" | "removed";
}

export interface PathStat {
  name: string;
  size: number;
  /** Go's os.FileMode: permission bits, directory 1<<31, symlink 1<<27, device 1<<26, pipe 1<<25, socket 1<<24, setuid 1<<23, setgid 1<<22, char device 1<<21, sticky 1<<20. */
  mode: number;
  /** RFC 3339 with nanoseconds. */
  mtime: string;
  linkTarget: string;
}

export interface WriteOptions {
  noOverwriteDirNonDir: boolean;
  /** Files get this owner instead of the tar's; undefined: root, or the tar's with `keepOwner`. */
  owner?: { uid: number; gid: number };
  keepOwner: boolean;
  /** The container's own root is read-only (engine-forbidden there); volumes say so by themselves. */
  readOnlyRoot?: boolean;
}
