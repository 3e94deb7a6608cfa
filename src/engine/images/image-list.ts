import type { ImageRecord } from "#core/engine/image.ts";
import type { Shelf } from "#core/engine/records.ts";
import { hexOf, type Digest } from "#oci/digest.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import { nameOf, noSuchImage, readName } from "./read-name.ts";

/** The engine's own list of images: in memory, every change written through. Records are replaced, never changed. */
export interface ImageList {
  restore(): Promise<void>;
  all(): readonly ImageRecord[];
  get(id: Digest): ImageRecord | undefined;
  /** By name, else by id or a unique beginning of one. Throws engine-missing, engine-invalid. */
  find(ref: string): ImageRecord;
  look(ref: string): ImageRecord | undefined;
  /** @param name qualified, with tag or digest. */
  named(name: string): ImageRecord | undefined;
  /** Images whose parent it is. */
  children(id: Digest): readonly ImageRecord[];
  /** One change at a time: what `work` read stays true until it ends. */
  change<T>(work: () => Promise<T>): Promise<T>;
  /** Inside `change`. */
  put(record: ImageRecord): Promise<void>;
  /** Inside `change`. */
  remove(id: Digest): Promise<void>;
  /** Inside `change`: gives the image a tag, which another one loses. */
  tag(id: Digest, name: string, tagged: string): Promise<void>;
}

const idText = /^(?:sha256:)?[0-9a-f]{1,64}$/;

export function createImageList(shelf: Shelf<ImageRecord>): ImageList {
  const images = new Map<Digest, ImageRecord>();
  const lock = createKeyedLock();

  function named(name: string): ImageRecord | undefined {
    for (const image of images.values())
      if (image.tags.includes(name) || image.digests.includes(name)) return image;
    return undefined;
  }

  function byId(text: string): ImageRecord | undefined {
    if (!idText.test(text)) return undefined;
    const hex = text.startsWith("sha256:") ? text.slice("sha256:".length) : text;
    const found = [...images.values()].filter(({ id }) => hexOf(id).startsWith(hex));
    return found.length === 1 ? found[0] : undefined;
  }

  function look(ref: string): ImageRecord | undefined {
    const reference = readName(ref);
    return (reference && named(nameOf(reference))) ?? byId(ref);
  }

  async function put(record: ImageRecord): Promise<void> {
    await shelf.put(record, true);
    images.set(record.id, record);
  }

  return {
    async restore() {
      for (const image of await shelf.all()) images.set(image.id, image);
    },
    all: () => [...images.values()],
    get: (id) => images.get(id),
    look,
    find(ref) {
      const found = look(ref);
      if (found === undefined) throw noSuchImage(ref);
      return found;
    },
    named,
    children: (id) => [...images.values()].filter(({ parent }) => parent === id),
    change: (work) => lock.run("list", work),
    put,
    async remove(id) {
      await shelf.remove(id);
      images.delete(id);
    },
    async tag(id, name, tagged) {
      const image = images.get(id);
      if (image === undefined) return;
      for (const other of images.values())
        if (other.id !== id && other.tags.includes(name))
          await put({ ...other, tags: other.tags.filter((tag) => tag !== name) });
      await put({ ...image, tagged, tags: [...new Set([...image.tags, name])] });
    },
  };
}
