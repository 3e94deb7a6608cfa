import type { Content } from "#core/engine/content.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import { gzipped } from "#kit/packed-stream.ts";

export const dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

export interface StoredLayer {
  diffId: Digest;
  /** Of the compressed bytes. */
  blob: Descriptor;
  /** Nothing but a tar's end is in it. */
  empty: boolean;
}

/** Keeps a layer's tar in Content, compressed while it streams. */
export async function storeLayer(content: Content, tar: AsyncIterable<Uint8Array>): Promise<StoredLayer> {
  const hash = hasher("sha256");
  let empty = true;
  async function* seen(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of tar) {
      hash.update(chunk);
      empty &&= chunk.every((byte) => byte === 0);
      yield chunk;
    }
  }
  const added = await content.add(undefined, gzipped(seen()));
  const blob = { mediaType: dockerLayer, digest: added.digest, size: added.size };
  return { diffId: digestSoFar("sha256", hash), blob, empty };
}
