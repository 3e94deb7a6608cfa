import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { layerFiles, sha256, type ImageContent } from "./image-content.ts";
import { blobPath, type Layout } from "./oci-layout.ts";

/** Everything in the layout lies in the other layout folder too, and its bytes are what they were. */
export async function assertSameContent(pushed: Layout, pulledFolder: string): Promise<void> {
  for (const digest of pushed.blobs) {
    assert.equal(await fileDigest(blobPath(pulledFolder, digest)), digest);
  }
}

/** A folder with the image unpacked holds each layer's file as it was made. */
export async function assertUnpacked(image: ImageContent, folder: string): Promise<void> {
  for (const { name, bytes } of layerFiles(image)) {
    assert.equal(await fileDigest(join(folder, name)), sha256(bytes), name);
  }
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return `sha256:${hash.digest("hex")}`;
}
