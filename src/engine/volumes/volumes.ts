import type { ContainerRecord, MountPoint } from "#core/engine/container.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { Filters } from "#core/engine/filters.ts";
import type { Shelf } from "#core/engine/records.ts";
import type { Snapshots } from "#core/engine/snapshots.ts";
import type { VolumeStore } from "#core/engine/volume-store.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import { AppError } from "#core/errors.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import { jsonFields } from "../create/json-fields.ts";
import { fillMounts } from "./fill.ts";
import { createInUse } from "./in-use.ts";
import { reservedIn } from "./reserved.ts";
import { resolveMounts, type MountOrder } from "./resolve.ts";
import { openVolumeBook } from "./volume-book.ts";
import { checkVolumeFilters, isTrue, volumePasses } from "./volume-filters.ts";
import { bindsHost } from "./volume-names.ts";

/**
 * Volumes: folders that outlive containers, and what else is mounted into one. Owns which there are and who has them;
 * never touches a file itself. create: `resolve` → start: `fill` → removal: `release`.
 */
export interface Volumes {
  create(body: Record<string, unknown>): Promise<VolumeView>;
  list(filters: Filters): Promise<VolumeView[]>;
  inspect(name: string): Promise<VolumeView>;
  remove(name: string, force: boolean): Promise<void>;
  prune(filters: Filters): Promise<{ removed: string[]; reclaimed: number }>;
  /** What each takes, and how many containers have it. Reads all of their folders. */
  usage(): Promise<{ view: VolumeView; size: number; uses: number }[]>;
  /** What a container that is being made gets mounted. Its record isn't asked for it until it says so itself. */
  resolve(order: MountOrder): Promise<MountPoint[]>;
  /** Keeps the volumes made for a container, in the turn in which the container itself is kept. */
  keep(mounts: readonly MountPoint[]): Promise<void>;
  /** Before a start: makes what is missing, mounts volumes that are mounts, fills new ones from the image. */
  fill(record: ContainerRecord): Promise<void>;
  /** The container is gone. @param withAnonymous volumes made for it alone go as well. */
  release(record: ContainerRecord, withAnonymous: boolean): Promise<void>;
}

export interface VolumeView {
  volume: VolumeRecord;
  mountpoint: string;
}

export interface VolumesParts {
  records: Shelf<VolumeRecord>;
  store: VolumeStore;
  snapshots: Pick<Snapshots, "copyOut">;
  containers: Pick<ContainerLookup, "all" | "find">;
  events: EngineEvents;
  /** ns since 1970. */
  now(): bigint;
  /** 64 hex digits that nobody had before. */
  newId(): string;
  /** Folders that are the engine's and the registry's own. */
  reservedPaths: readonly string[];
}

export async function createVolumes(parts: VolumesParts): Promise<Volumes> {
  const { records, store, snapshots, containers, events, now, newId, reservedPaths } = parts;
  const inUse = createInUse(containers);
  const book = await openVolumeBook({
    records,
    store,
    events,
    inUse,
    now,
    async checkDevice({ options }) {
      const { device = "" } = options;
      if (bindsHost(options) && device.startsWith("/")) await reservedIn(store, device, reservedPaths);
    },
  });
  const used = (name: string) => inUse.by(name).length > 0;
  const view = (volume: VolumeRecord): VolumeView => ({ volume, mountpoint: store.path(volume) });

  function known(name: string): VolumeRecord {
    const volume = book.find(name);
    if (volume === undefined) throw new AppError("engine-missing", `get ${name}: no such volume`);
    return volume;
  }

  return {
    async create(body) {
      const fields = jsonFields(body, "VolumeCreateBody");
      const name = fields.text("Name");
      return view(
        await book.ensure({
          name: name === "" ? newId() : name,
          driver: fields.text("Driver"),
          labels: fields.textMap("Labels"),
          options: fields.textMap("DriverOpts"),
          anonymous: name === "",
        }),
      );
    },
    async list(filters) {
      checkVolumeFilters(filters, ["name", "driver", "label", "dangling"]);
      return book
        .all()
        .filter((volume) => volumePasses(volume, filters, used))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(view);
    },
    inspect: async (name) => view(known(name)),
    async remove(name, force) {
      if (!force) known(name);
      await book.remove(name);
    },
    async prune(filters) {
      checkVolumeFilters(filters, ["label", "label!", "all"]);
      const all = (filters.get("all") ?? []).some(isTrue);
      const removed: string[] = [];
      let reclaimed = 0;
      for (const volume of book.all()) {
        const { name, anonymous } = volume;
        if (!(all || anonymous) || used(name) || !volumePasses(volume, filters, used)) continue;
        const size = await store.size(volume).catch(() => 0);
        try {
          await book.remove(name);
        } catch (error) {
          // Somebody has taken it since.
          if (error instanceof AppError && error.code === "engine-conflict") continue;
          throw error;
        }
        removed.push(name);
        reclaimed += size;
      }
      return { removed, reclaimed };
    },
    async usage() {
      const found = [];
      for (const volume of book.all()) {
        const size = await store.size(volume).catch(() => -1);
        found.push({ view: view(volume), size, uses: inUse.by(volume.name).length });
      }
      return found;
    },
    resolve: (order) => resolveMounts({ book, inUse, store, containers, reservedPaths, newId }, order),
    keep: (mounts) =>
      book.keep(mounts.flatMap(({ name, anonymous }) => (anonymous === true ? (name ?? []) : []))),
    fill: (record) => fillMounts({ book, store, snapshots }, record),
    async release(record, withAnonymous) {
      inUse.drop(record.id);
      if (!withAnonymous) return;
      for (const { type, name, anonymous } of record.mounts) {
        if (type !== "volume" || anonymous !== true || name === undefined) continue;
        if (inUse.by(name).some((container) => container !== record.id)) continue;
        await book.remove(name).catch((error: unknown) => {
          if (!(error instanceof AppError && error.code === "engine-conflict")) throw error;
        });
      }
    },
  };
}
