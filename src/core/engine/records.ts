import type { ContainerRecord } from "./container.ts";
import type { ImageRecord } from "./image.ts";
import type { NetworkRecord } from "./network.ts";
import type { LayerRecord } from "./snapshots.ts";
import type { VolumeRecord } from "./volume.ts";

/**
 * What the engine knows across its own death, one row a noun. One engine process has a data folder, so services keep
 * what they read at the start in memory and write every change through. Implementation: adapters/engine-records.
 */
export interface EngineRecords extends AsyncDisposable {
  containers: Shelf<ContainerRecord>;
  images: Shelf<ImageRecord>;
  layers: Shelf<LayerRecord>;
  networks: Shelf<NetworkRecord>;
  volumes: Shelf<VolumeRecord>;
}

export interface Shelf<T> {
  all(): Promise<T[]>;
  /**
   * Adds or replaces. @param lasting survives a power failure when the promise resolves; without it, the death of
   * this process: for states, which a power failure ends anyway.
   */
  put(record: T, lasting: boolean): Promise<void>;
  /** By its id (a volume's name). Unknown ones are fine. */
  remove(id: string): Promise<void>;
}
