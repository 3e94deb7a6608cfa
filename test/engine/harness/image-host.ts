import type { TestContext } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createContentFolder } from "#adapters/engine-content/content-folder.ts";
import { openEngineRecords } from "#adapters/engine-records/engine-records.ts";
import { createOverlay } from "#adapters/overlay/overlay.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { Content } from "#core/engine/content.ts";
import type { EngineEvent } from "#core/engine/event.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import type { Snapshots } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { createImages, type Images } from "#engine/images/images.ts";
import type { ImagesParts } from "#engine/images/parts.ts";
import { memoryRegistries, type MemoryRegistries } from "./memory-registries.ts";
import { pieces } from "./overlay.ts";

export interface ImageHost {
  images: Images;
  content: Content;
  snapshots: Snapshots;
  registries: MemoryRegistries;
  /** To be filled by the test. */
  containers: ContainerRecord[];
  events: string[];
  /** How often a layer was unpacked. */
  unpacked(): number;
  layerCount(): Promise<number>;
  blobCount(): Promise<number>;
  /** The engine's service as after a restart. */
  again(): Promise<Images>;
  load(archive: Uint8Array): Promise<string[]>;
}

/** The images' service on real records, real content files and real overlay layers, in a folder of its own. */
export async function imageHost(context: TestContext, more: Partial<ImagesParts> = {}): Promise<ImageHost> {
  const folder = await mkdtemp(join(tmpdir(), "berth-images-"));
  const records = await openEngineRecords(folder);
  context.after(async () => {
    await records[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const content = await folderContent(join(folder, "blobs"));
  const overlay = await createOverlay({ folder });
  let unpacked = 0;
  const snapshots: Snapshots = {
    ...overlay,
    unpack: (...given) => {
      unpacked += 1;
      return overlay.unpack(...given);
    },
  };
  const registries = memoryRegistries(content);
  const containers: ContainerRecord[] = [];
  const events: string[] = [];
  const find = (ref: string) => {
    const found = containers.find(({ id }) => id.startsWith(ref));
    if (found === undefined) throw new AppError("engine-missing", `No such container: ${ref}`);
    return found;
  };
  const parts: ImagesParts = {
    records,
    content,
    snapshots,
    registries,
    containers: { all: () => containers, find, change: (ref, work) => work(find(ref)) },
    events: { emit: ({ action, id }: Omit<EngineEvent, "time">) => void events.push(`${action} ${id}`) },
    clock: Date.now,
    platform: { os: "linux", architecture: "amd64", variant: undefined },
    ...more,
  };
  const again = async () => {
    const images = createImages(parts);
    await images.restore();
    return images;
  };
  const images = await again();
  return {
    images,
    content,
    snapshots,
    registries,
    containers,
    events,
    unpacked: () => unpacked,
    layerCount: async () => (await records.layers.all()).length,
    blobCount: content.count,
    again,
    load: (archive) => streamsOf(images.load(pieces(archive), true)),
  };
}

/** Real files; nothing is kept for its age, so that what tidying removes is seen at once. */
async function folderContent(path: string): Promise<Content & { count(): Promise<number> }> {
  const folder = await createContentFolder(path);
  const read: Content["read"] = async (digest, most) => {
    const blob = await folder.open(digest);
    if (blob === undefined) return undefined;
    try {
      if (blob.size > most) throw new AppError("engine-failed", `${digest} is too large`);
      const chunks: Uint8Array[] = [];
      if (blob.size > 0)
        for await (const chunk of blob.read(0, blob.size - 1)) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    } finally {
      await blob.close();
    }
  };
  return {
    open: folder.open,
    add: folder.add,
    read,
    has: async (digest) => (await folder.size(digest)) !== undefined,
    async sweep(needed) {
      let freed = 0;
      for await (const { digest, size } of folder.list())
        if (!needed.has(digest)) {
          await folder.remove(digest);
          freed += size;
        }
      return { freed };
    },
    async count() {
      let count = 0;
      for await (const blob of folder.list()) count += blob.size >= 0 ? 1 : 0;
      return count;
    },
  };
}

export async function linesIn(lines: AsyncIterable<ProgressLine>): Promise<ProgressLine[]> {
  const all: ProgressLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** What a load says; an error line becomes an error. */
export async function streamsOf(lines: AsyncIterable<ProgressLine>): Promise<string[]> {
  return (await linesIn(lines)).flatMap(({ stream, errorDetail }) => {
    if (errorDetail !== undefined) throw new Error(errorDetail.message);
    return stream === undefined ? [] : [stream.trimEnd()];
  });
}
