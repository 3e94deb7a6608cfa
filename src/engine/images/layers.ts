import type { Clock } from "#core/clock.ts";
import type { Content } from "#core/engine/content.ts";
import type { Shelf } from "#core/engine/records.ts";
import type { LayerId, LayerRecord, Snapshots } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { Digest } from "#oci/digest.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { createSingleFlight } from "#kit/single-flight.ts";

/** Unpacked layers, one folder for each diffID however many images have it. */
export interface Layers {
  restore(): Promise<void>;
  byDiff(diffId: Digest): LayerRecord | undefined;
  byId(id: LayerId): LayerRecord | undefined;
  count(): number;
  /**
   * The layers of an image, unpacked where they aren't yet. Errors: layer-invalid, engine-failed.
   * @param diffIds base first, one for each of `blobs`.
   */
  unpack(
    diffIds: readonly Digest[],
    blobs: readonly Descriptor[],
    watch?: UnpackWatch,
  ): Promise<LayerRecord[]>;
  /** Keeps them for a minute more: whoever was told of them isn't recorded yet. */
  hold(ids: readonly LayerId[]): void;
  /** Removes what isn't in `used` or held. Nothing may be unpacked meanwhile. */
  sweep(used: ReadonlySet<LayerId>): Promise<void>;
}

export interface UnpackWatch {
  signal?: AbortSignal;
  /** Bytes of the compressed layer so far. */
  moved?(index: number, current: number, total: number): void;
  /** `fresh`: it wasn't there before. */
  done?(index: number, fresh: boolean): void;
}

/** Unpacking keeps a core and the disk busy; more at once only makes each of them slower. */
const atOnce = 3;
const holdFor = 60_000;

export function createLayers(
  shelf: Shelf<LayerRecord>,
  snapshots: Snapshots,
  content: Content,
  clock: Clock,
): Layers {
  const byDiff = new Map<Digest, LayerRecord>();
  const byId = new Map<LayerId, LayerRecord>();
  const held = new Map<LayerId, number>();
  const flight = createSingleFlight<LayerRecord>();

  function keep(record: LayerRecord): void {
    byDiff.set(record.diffId, record);
    byId.set(record.id, record);
  }

  function hold(ids: readonly LayerId[]): void {
    for (const id of ids) held.set(id, clock() + holdFor);
  }

  async function fetch(
    diffId: Digest,
    blob: Descriptor,
    below: readonly LayerId[],
    watch: UnpackWatch,
    moved: (current: number, total: number) => void,
  ): Promise<LayerRecord> {
    const open = await content.open(blob.digest);
    if (open === undefined)
      throw new AppError(
        "engine-failed",
        `the layer ${blob.digest} isn't here any more; pull the image again`,
      );
    try {
      const body = open.size === 0 ? nothing() : counted(open.read(0, open.size - 1), open.size, moved);
      const record = await snapshots.unpack(diffId, below, body, "detect", watch.signal);
      await shelf.put(record, true);
      keep(record);
      return record;
    } finally {
      await open.close();
    }
  }

  /** Layers are tried side by side, each for itself. One whose hard links lead into the layers below waits for those. */
  async function unpack(
    diffIds: readonly Digest[],
    blobs: readonly Descriptor[],
    watch: UnpackWatch = {},
  ): Promise<LayerRecord[]> {
    const linked: number[] = [];
    const one = async (index: number, below: readonly LayerId[]) => {
      const [diffId, blob] = [diffIds[index], blobs[index]];
      if (diffId === undefined || blob === undefined) return;
      const there = byDiff.has(diffId);
      const moved = (current: number, total: number) => watch.moved?.(index, current, total);
      // Who waited for another's takes its own turn when that failed: its patience or its bytes may be better.
      for (let own = false; !byDiff.has(diffId);) {
        const unpacking = flight(diffId, () => {
          own = true;
          return fetch(diffId, blob, below, watch, moved);
        });
        await unpacking.catch((error: unknown) => {
          if (own || watch.signal?.aborted) throw error;
        });
      }
      watch.done?.(index, !there);
    };
    await inParallel(blobs.keys(), atOnce, async (index) => {
      try {
        await one(index, []);
      } catch (error) {
        // The lowest one has nothing below it that could be missing.
        if (index === 0 || !(error instanceof AppError) || error.code !== "layer-invalid") throw error;
        linked.push(index);
      }
    });
    for (const index of linked.toSorted((a, b) => a - b))
      await one(
        index,
        found(diffIds.slice(0, index)).map(({ id }) => id),
      );
    const records = found(diffIds);
    hold(records.map(({ id }) => id));
    return records;
  }

  function found(diffIds: readonly Digest[]): LayerRecord[] {
    return diffIds.map((diffId) => {
      const record = byDiff.get(diffId);
      if (record === undefined) throw new AppError("engine-failed", `the layer ${diffId} isn't unpacked`);
      return record;
    });
  }

  return {
    async restore() {
      for (const record of await shelf.all()) keep(record);
    },
    byDiff: (diffId) => byDiff.get(diffId),
    byId: (id) => byId.get(id),
    count: () => byDiff.size,
    unpack,
    hold,
    async sweep(used) {
      for (const [id, until] of held) if (until <= clock()) held.delete(id);
      const gone = [...byId.values()].filter(({ id }) => !used.has(id) && !held.has(id));
      // Forgotten before anything is awaited: nobody gets a folder that is about to go.
      for (const { id, diffId } of gone) {
        byId.delete(id);
        byDiff.delete(diffId);
      }
      for (const { id } of gone) {
        await shelf.remove(id);
        await snapshots.removeLayer(id);
      }
    },
  };
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  total: number,
  moved: (current: number, total: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let current = 0;
  for await (const chunk of body) {
    yield chunk;
    current += chunk.length;
    moved(current, total);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}
