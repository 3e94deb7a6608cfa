import type { ContainerRecord } from "#core/engine/container.ts";

/** What the services of images, networks and volumes know of containers. */
export interface ContainerLookup {
  /** In memory; not to be changed. */
  all(): readonly ContainerRecord[];
  /** By id, a unique beginning of one, or name. Throws engine-missing: `No such container: X`. */
  find(ref: string): ContainerRecord;
  /** Runs `work` under the container's lock, which may change the record; it is saved afterwards. */
  change<T>(ref: string, work: (record: ContainerRecord) => Promise<T>): Promise<T>;
}
