import type { EngineEvents } from "#core/engine/event.ts";
import type { Shelf } from "#core/engine/records.ts";
import type { VolumeStore } from "#core/engine/volume-store.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import { AppError } from "#core/errors.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import { timeText } from "#kit/nano-time.ts";
import type { InUse } from "./in-use.ts";
import { checkVolumeDriver, checkVolumeName, checkVolumeOptions } from "./volume-names.ts";

/** A volume that is wanted. */
export interface VolumeOrder {
  name: string;
  driver: string;
  labels: Record<string, string>;
  options: Record<string, string>;
  anonymous: boolean;
  /** Made for a container that isn't kept yet: the volume is kept with it, see `keep`. */
  withContainer?: boolean;
}

/** The volumes there are: in memory, written through. Each one's changes come one after the other. */
export interface VolumeBook {
  all(): readonly VolumeRecord[];
  find(name: string): VolumeRecord | undefined;
  /** The one of this name, made where there is none. Throws engine-invalid, engine-missing (driver). */
  ensure(order: VolumeOrder): Promise<VolumeRecord>;
  /**
   * Keeps those that were made for a container. Called in the same turn as the container is kept, it is one change:
   * until then a crash leaves folders that nobody knows.
   */
  keep(names: readonly string[]): Promise<void>;
  /** Throws engine-conflict while it is in use. One that is gone is fine. */
  remove(name: string): Promise<void>;
  /** Nobody else changes it meanwhile. */
  locked<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export interface VolumeBookParts {
  records: Shelf<VolumeRecord>;
  store: VolumeStore;
  events: EngineEvents;
  inUse: InUse;
  /** ns since 1970. */
  now(): bigint;
  /** Refuses a volume that is a folder of the host which nobody may have. */
  checkDevice(order: VolumeOrder): Promise<void>;
}

export async function openVolumeBook(parts: VolumeBookParts): Promise<VolumeBook> {
  const { records, store, events, inUse, now, checkDevice } = parts;
  const known = new Map((await records.all()).map((record) => [record.name, record]));
  const unkept = new Map<string, VolumeRecord>();
  const lock = createKeyedLock();
  const emit = (action: string, { name, driver }: VolumeRecord) =>
    events.emit({ type: "volume", action, id: name, attributes: { driver } });

  return {
    all: () => [...known.values()],
    find: (name) => known.get(name),
    locked: (name, work) => lock.run(name, work),
    ensure(order) {
      const { name, driver, labels, options, anonymous } = order;
      return lock.run(name, async () => {
        const there = known.get(name);
        checkVolumeDriver(name, driver);
        if (there !== undefined) return there;
        checkVolumeName(name);
        checkVolumeOptions(name, options);
        await checkDevice(order);
        const record: VolumeRecord = {
          name,
          driver: "local",
          created: timeText(now()),
          labels,
          options,
          anonymous,
        };
        // With options it is mounted when it is used first, as in docker.
        if (Object.keys(options).length === 0) await store.make(record);
        if (order.withContainer === true) unkept.set(name, record);
        else await records.put(record, true);
        known.set(name, record);
        emit("create", record);
        return record;
      });
    },
    async keep(names) {
      const made = names.flatMap((name) => unkept.get(name) ?? []);
      await Promise.all(made.map((record) => records.put(record, true)));
      for (const { name } of made) unkept.delete(name);
    },
    remove: (name) =>
      lock.run(name, async () => {
        const record = known.get(name);
        if (record === undefined) return;
        const users = inUse.by(name);
        if (users.length > 0)
          throw new AppError("engine-conflict", `remove ${name}: volume is in use - [${users.join(", ")}]`);
        // What a crash leaves now is a folder that nobody knows.
        known.delete(name);
        unkept.delete(name);
        try {
          await records.remove(name);
          await store.remove(record);
        } catch (error) {
          known.set(name, record);
          await records.put(record, true);
          throw error;
        }
        emit("destroy", record);
      }),
  };
}
