import type { VolumeRecord } from "./volume.ts";

/** The folders of volumes. Implementation: adapters/local-volumes. Errors: engine-failed, engine-invalid. */
export interface VolumeStore {
  /** Makes the volume's folder (and mounts what its options say: type, device, o), or finds it. */
  make(volume: VolumeRecord): Promise<void>;
  remove(volume: VolumeRecord): Promise<void>;
  /** Absolute path of its content. */
  path(volume: VolumeRecord): string;
  /** Whether it holds nothing yet. */
  empty(volume: VolumeRecord): Promise<boolean>;
  /** Bytes. */
  size(volume: VolumeRecord): Promise<number>;
  /** For binds: what is there; undefined: nothing. Links followed. */
  hostPath(path: string): Promise<"folder" | "file" | undefined>;
  /** For binds: the path with its links followed, as far as it is there. */
  realPath(path: string): Promise<string>;
  makeHostFolder(path: string): Promise<void>;
  sweep(known: ReadonlySet<string>): Promise<void>;
}
