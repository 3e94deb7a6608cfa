import { createCipheriv, createHash } from "node:crypto";
import { tarArchive, type TarFile } from "./tar.ts";

/** An image to be made; the same description always makes the same bytes, so clients can be compared. */
export interface ImageContent {
  architecture: "amd64" | "arm64";
  seed: string;
  layers: number;
  /** Size of the one file in each layer. It can't be compressed. */
  layerBytes: number;
}

export const smallImage: ImageContent = {
  architecture: "amd64",
  seed: "small",
  layers: 3,
  layerBytes: 300_000,
};
export const smallArmImage: ImageContent = { ...smallImage, architecture: "arm64", seed: "small arm" };

/** Six layers, 570 MB. */
export const bigImage: ImageContent = {
  architecture: "amd64",
  seed: "big",
  layers: 6,
  layerBytes: 95_000_000,
};

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The one file of each layer, from the bottom up, made one at a time. */
export function* layerFiles(image: ImageContent): Generator<TarFile> {
  for (let n = 0; n < image.layers; n++) {
    const bytes = noise(`${image.seed} ${String(n)}`, image.layerBytes);
    yield { name: `layer-${String(n)}.bin`, bytes };
  }
}

/** The uncompressed layers, from the bottom up, made one at a time. */
export function* layerArchives(image: ImageContent): Generator<Buffer> {
  for (const file of layerFiles(image)) yield tarArchive([file]);
}

export function imageConfig(image: ImageContent, diffIds: readonly string[]): Buffer {
  const created = "2024-01-01T00:00:00Z";
  return Buffer.from(
    JSON.stringify({
      created,
      architecture: image.architecture,
      os: "linux",
      config: { Cmd: ["/layer-0.bin"], Labels: { seed: image.seed } },
      rootfs: { type: "layers", diff_ids: diffIds },
      history: diffIds.map((_, n) => ({ created, created_by: `layer ${String(n)}` })),
    }),
  );
}

/** Bytes that look random and can't be compressed, but follow from the seed. */
function noise(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  const cipher = createCipheriv("aes-128-ctr", key.subarray(0, 16), key.subarray(16));
  return cipher.update(Buffer.alloc(length));
}
