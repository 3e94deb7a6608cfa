/**
 * Where snapshots of the metadata lie beside the blobs: what brings a registry back whose database is lost. A name is
 * `metadata-<time in UTC, sortable>.<ending>`. Implementations: adapters/disk, adapters/s3; contract
 * test/contract/metadata-shelf.ts.
 */
export interface MetadataShelf {
  /** Stores the file's bytes under this name, durable and whole or not at all. */
  put(name: string, file: string, signal: AbortSignal): Promise<void>;
  /** Newest last. */
  list(): Promise<ShelvedSnapshot[]>;
  /** Writes its bytes into a new file. Throws storage-failed when it is gone or cut short. */
  fetch(name: string, file: string, signal: AbortSignal): Promise<void>;
  remove(name: string): Promise<void>;
}

export interface ShelvedSnapshot {
  name: string;
  /** Bytes. */
  size: number;
}
