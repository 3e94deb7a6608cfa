import type { ContainerRecord, MountPoint } from "#core/engine/container.ts";
import type { Snapshots } from "#core/engine/snapshots.ts";
import type { VolumeStore } from "#core/engine/volume-store.ts";
import { AppError } from "#core/errors.ts";
import { readBind } from "./read-bind.ts";
import type { VolumeBook } from "./volume-book.ts";

export interface FillParts {
  book: VolumeBook;
  store: VolumeStore;
  snapshots: Pick<Snapshots, "copyOut">;
}

/**
 * Before a container starts: volumes that are mounts are mounted, new ones get what the image has there (once), and
 * folders of the host that `-v` named are made. Throws engine-invalid, engine-failed.
 */
export async function fillMounts(parts: FillParts, record: ContainerRecord): Promise<void> {
  // One after the other: a volume may be mounted twice.
  for (const mount of record.mounts) {
    if (mount.type === "bind") await haveSource(parts, record, mount);
    else if (mount.type === "volume") await fillVolume(parts, record, mount);
  }
}

async function haveSource({ store }: FillParts, record: ContainerRecord, mount: MountPoint): Promise<void> {
  const { source, destination } = mount;
  if ((await store.hostPath(source)) !== undefined) return;
  const { Binds, Mounts } = record.host;
  const mayMake =
    Binds.some((text) => readBind(text).Target === destination) ||
    Mounts.some(
      ({ Target, BindOptions }) => Target === destination && BindOptions?.CreateMountpoint === true,
    );
  if (!mayMake)
    throw new AppError(
      "engine-invalid",
      `invalid mount config for type "bind": bind source path does not exist: ${source}`,
    );
  await store.makeHostFolder(source);
}

async function fillVolume(parts: FillParts, record: ContainerRecord, mount: MountPoint): Promise<void> {
  const { book, store, snapshots } = parts;
  const { name = "", destination, source } = mount;
  const volume = book.find(name);
  if (volume === undefined) throw new AppError("engine-missing", `get ${name}: no such volume`);
  await book.locked(name, async () => {
    await store.make(volume);
    if (mount.copyUp === true && (await store.empty(volume)))
      await snapshots.copyOut(record.id, destination, source);
  });
  // For good: what the container leaves empty stays so.
  delete mount.copyUp;
}
