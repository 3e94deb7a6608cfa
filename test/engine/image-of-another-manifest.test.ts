import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { digestOf } from "#oci/digest.ts";
import { ociManifest } from "#oci/media-type.ts";
import { engineTest } from "./harness/needs.ts";
import { imageHost, linesIn } from "./harness/image-host.ts";
import { file } from "./harness/layer-tar.ts";
import { layer, madeImage, type MadeImage } from "./harness/made-image.ts";

const image = madeImage([layer(file("a", "what everybody knows"))]);
const ask = { platform: "", credentials: undefined, signal: new AbortController().signal };

/** The same config, and so the same id, with another blob for its one layer. */
function withLayer(bytes: Buffer): MadeImage {
  const digest = digestOf("sha256", bytes);
  const layers = [{ ...image.layers[0]!, digest, size: bytes.length }];
  const manifestBytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config: image.config, layers }),
  );
  const manifest = digestOf("sha256", manifestBytes);
  const blobs = new Map([
    [image.config.digest, image.configBytes],
    [digest, bytes],
    [manifest, manifestBytes],
  ]);
  return { ...image, layers, manifest, manifestBytes, blobs };
}

engineTest(
  "an image keeps the manifest that it came with, whatever another registry says of it",
  async (t) => {
    const host = await imageHost(t);
    host.registries.put("docker.io/library/known:1", image);
    await linesIn(host.images.pull({ name: "known", tag: "1", ...ask }));
    for (const [tag, bytes] of [
      ["other", gzipSync(layer(file("a", "somebody else's")))],
      ["broken", gzipSync(layer(file("a", "x"))).subarray(0, 30)],
      ["same", gzipSync(image.tars[0]!, { level: 1, memLevel: 1 })],
    ] as const) {
      host.registries.put(`docker.io/evil/one:${tag}`, withLayer(bytes));
      const lines = await linesIn(host.images.pull({ name: "evil/one", tag, ...ask }));
      assert.equal(lines.at(-1)?.error, undefined);
      const { image: known } = await host.images.inspect(`evil/one:${tag}`);
      assert.equal(known.id, image.id);
      assert.equal(known.manifest, image.manifest, "what is saved and pushed");
    }
  },
);
