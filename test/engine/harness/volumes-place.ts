import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createLocalVolumes } from "#adapters/local-volumes/local-volumes.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { EngineEvent } from "#core/engine/event.ts";
import type { Shelf } from "#core/engine/records.ts";
import type { VolumeStore } from "#core/engine/volume-store.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import { AppError } from "#core/errors.ts";
import { readContainer } from "#engine/create/read-container.ts";
import { createVolumes, type Volumes } from "#engine/volumes/volumes.ts";
import type { ImageDefaults } from "#oci/image-config.ts";
import { ampleFacts, imageWith } from "./made-record.ts";
import { sampleRecord } from "./sample-container.ts";

export interface VolumesPlace {
  folder: string;
  /** The engine's own. */
  own: string;
  /** What the image has: a folder that stands for its root. */
  imageRoot: string;
  store: VolumeStore;
  volumes: Volumes;
  kept: Map<string, VolumeRecord>;
  containers: ContainerRecord[];
  events: Omit<EngineEvent, "time">[];
  /** As create does it: resolved, and in the list of containers. */
  make(
    HostConfig?: Record<string, unknown>,
    image?: ImageDefaults,
    body?: Record<string, unknown>,
  ): Promise<ContainerRecord>;
  remove(record: ContainerRecord, withAnonymous: boolean): Promise<void>;
  /** Another service on the same folders, as after a restart. */
  again(): Promise<Volumes>;
}

/** The volumes' service on real folders; containers are only records. */
export async function volumesPlace(context: TestContext): Promise<VolumesPlace> {
  const folder = await mkdtemp(join(tmpdir(), "berth-volumes-"));
  const own = join(folder, "data");
  const imageRoot = join(folder, "image");
  await mkdir(join(own, "volumes"), { recursive: true });
  await mkdir(imageRoot);
  const store = createLocalVolumes(join(own, "volumes"));
  const kept = new Map<string, VolumeRecord>();
  const records: Shelf<VolumeRecord> = {
    all: async () => [...kept.values()].map((record) => structuredClone(record)),
    put: async (record) => void kept.set(record.name, structuredClone(record)),
    remove: async (name) => void kept.delete(name),
  };
  const containers: ContainerRecord[] = [];
  const events: Omit<EngineEvent, "time">[] = [];
  const parts = {
    records,
    store,
    snapshots: {
      copyOut: async (_: string, path: string, target: string) => {
        try {
          await cp(join(imageRoot, path), target, { recursive: true });
          return true;
        } catch {
          return false;
        }
      },
    },
    containers: {
      all: () => containers,
      find: (ref: string) => {
        const found = containers.find(({ id, name }) => name === ref || id.startsWith(ref));
        if (found === undefined) throw new AppError("engine-missing", `No such container: ${ref}`);
        return found;
      },
    },
    events: { emit: (event: Omit<EngineEvent, "time">) => void events.push(event) },
    now: () => BigInt(Date.now()) * 1_000_000n,
    newId: () => randomBytes(32).toString("hex"),
    reservedPaths: [own],
  };
  const volumes = await createVolumes(parts);
  context.after(async () => {
    for (const record of kept.values()) await store.remove(record);
    await rm(folder, { recursive: true, force: true });
  });
  return {
    ...{ folder, own, imageRoot, store, volumes, kept, containers, events },
    async make(HostConfig = {}, image = {}, body = {}) {
      const id = randomBytes(32).toString("hex");
      const read = readContainer({ Cmd: ["x"], ...body, HostConfig }, imageWith(image), ampleFacts);
      const { config, host } = read;
      const mounts = await volumes.resolve({ containerId: id, host, config });
      await volumes.keep(mounts);
      const record = { ...sampleRecord(), id, name: `c${id.slice(0, 6)}`, config, host, mounts };
      containers.push(record);
      return record;
    },
    async remove(record, withAnonymous) {
      containers.splice(containers.indexOf(record), 1);
      await volumes.release(record, withAnonymous);
    },
    again: () => createVolumes(parts),
  };
}
