import { AppError } from "#core/errors.ts";
import type { OpenBlob } from "#core/blob-store.ts";
import { noRegistry } from "./folder-tree.ts";
import type { Tree } from "./tree.ts";

/** What is asked of a bucket. */
export interface BucketReads {
  /** For messages: `s3://bucket/prefix`. */
  readonly name: string;
  /** Objects whose keys begin so, in the order of keys. */
  list(prefix: string): AsyncIterable<{ key: string; size: number }>;
  /** Throws blob-damaged when there is no such object. */
  open(key: string): Promise<OpenBlob>;
}

const beginnings = ["docker/registry/v2/", "", "v2/", "registry/v2/"];

/**
 * The tree in a bucket, below `prefix` (`rootdirectory` in the registry's configuration) or already below its
 * docker/registry/v2. Sizes come from one listing of each 256th of the blobs, not from a request for each.
 * Throws unavailable when there is none.
 */
export async function openBucketTree(bucket: BucketReads, prefix: string): Promise<Tree> {
  const root = await findRoot(bucket, prefix);
  const listed = new Map<string, Promise<Map<string, number>>>();

  async function sizes(shard: string): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for await (const { key, size } of bucket.list(`${root}${shard}`)) found.set(key, size);
    return found;
  }

  async function open(path: string): Promise<OpenBlob | undefined> {
    try {
      return await bucket.open(`${root}${path}`);
    } catch (error) {
      if (error instanceof AppError && error.code === "blob-damaged") return undefined;
      throw error;
    }
  }

  return {
    async *files(folder, skip) {
      // Keys come in order: what begins with NAME/_ stands together, whatever other repositories are called.
      for await (const { key } of bucket.list(`${root}${folder}/`)) {
        const path = key.slice(root.length);
        const parts = path.split("/");
        // Folders that a console made are empty objects with a slash at the end.
        if (parts.at(-1) === "") continue;
        if (parts.some((_, i) => skip(parts.slice(0, i + 1).join("/")))) continue;
        yield { path };
      }
    },

    async size(path) {
      const shard = /^blobs\/[^/]+\/[^/]+\//.exec(path)?.[0];
      if (shard !== undefined) {
        let known = listed.get(shard);
        if (known === undefined) listed.set(shard, (known = sizes(shard)));
        const size = (await known).get(`${root}${path}`);
        if (size !== undefined) return size;
      }
      // It may have come since.
      await using found = await openedOrNothing(open(path));
      return found.blob?.size;
    },

    async text(path, most) {
      await using found = await openedOrNothing(open(path));
      const { blob } = found;
      if (blob === undefined) return undefined;
      if (blob.size > most)
        throw new AppError("blob-damaged", `its link has ${blob.size} bytes, which is no digest`);
      let text = "";
      if (blob.size > 0)
        for await (const chunk of blob.read(0, blob.size - 1)) text += Buffer.from(chunk).toString("latin1");
      return text;
    },

    async open(path) {
      const blob = await open(path);
      return (
        blob && {
          size: blob.size,
          file: undefined,
          read: () => (blob.size === 0 ? nothing() : blob.read(0, blob.size - 1)),
          close: () => blob.close(),
        }
      );
    },
  };
}

async function openedOrNothing(opening: Promise<OpenBlob | undefined>) {
  const blob = await opening;
  return { blob, [Symbol.asyncDispose]: async () => blob?.close() };
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {
  // A blob of no bytes.
}

async function findRoot(bucket: BucketReads, prefix: string): Promise<string> {
  const named = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  for (const beginning of beginnings)
    for await (const _object of bucket.list(`${named}${beginning}repositories/`))
      return `${named}${beginning}`;
  throw new AppError("unavailable", noRegistry(bucket.name));
}
