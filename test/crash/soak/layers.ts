import { createCipheriv, randomInt } from "node:crypto";
import { digestOf } from "../../harness/registry-client.ts";

/** A layer that can be made again from its number, so that nobody has to keep its bytes. */
export interface Layer {
  seed: number;
  size: number;
  digest: string;
}

export function bytesOf({ seed, size }: Pick<Layer, "seed" | "size">): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

export function newLayer(): Layer {
  const [seed, size] = [randomInt(2 ** 32 - 1), 1 + randomInt(randomInt(10) === 0 ? 400_000 : 20_000)];
  return { seed, size, digest: digestOf(bytesOf({ seed, size })) };
}

/** Layers that clients have in common, as base images are: the newest few. */
export function createPool(most = 40) {
  const layers: { layer: Layer; repo: string }[] = [];
  return {
    add(layer: Layer, repo: string): void {
      layers.push({ layer, repo });
      if (layers.length > most) layers.shift();
    },
    /** Some layer, and a repository that had it. */
    any: () => (layers.length === 0 ? undefined : layers[randomInt(layers.length)]),
  };
}
