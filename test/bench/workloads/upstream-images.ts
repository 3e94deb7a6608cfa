import { pushLoad } from "../load/clients.ts";
import type { Image } from "../pull/job.ts";
import type { Upstream } from "../servers/upstream.ts";
import { ask, manifestType, seedBlob } from "./registry-api.ts";
import type { Bout } from "./workload.ts";

interface Layer {
  digest: string;
  size: number;
}

/** Images of one repository whose layers have that size, each layer new; disposing takes them from the disk. */
export async function largeImages(
  { signal }: Bout,
  upstream: Upstream,
  repository: string,
  plan: { images: number; layers: number; size: number },
): Promise<{ images: Image[] } & AsyncDisposable> {
  const { host, port } = upstream;
  const { size } = plan;
  const job = { host, port, kind: "monolithic", repository, connections: 2, size, warmup: 0 } as const;
  const count = plan.images * plan.layers;
  const { digests } = await pushLoad({ ...job, seconds: 600, most: count }, signal);
  const images: Image[] = [];
  for (let i = 0; i < plan.images; i++) {
    const own = digests.slice(i * plan.layers, (i + 1) * plan.layers);
    const layers = own.map((digest) => ({ digest, size }));
    images.push(await putManifest(upstream, { repository, tag: `image-${i}` }, layers));
  }
  return { images, [Symbol.asyncDispose]: () => upstream.forget(repository, digests) };
}

/** Images of a config and four layers, about 1 KiB each, in repositories of their own. */
export async function tinyImages(
  upstream: Upstream,
  prefix: string,
  count: number,
  signal: AbortSignal,
): Promise<Image[]> {
  const images: Image[] = [];
  let next = 0;
  const one = async () => {
    for (let i = next++; i < count; i = next++) {
      signal.throwIfAborted();
      const image = { repository: `${prefix}/image-${i}`, tag: "latest" };
      const layers: Layer[] = [];
      for (let at = 0; at < 4; at++) {
        const bytes = Buffer.alloc(1024, `layer ${at} of ${image.repository}\n`);
        layers.push({ digest: await seedBlob(upstream, image.repository, bytes), size: bytes.length });
      }
      images[i] = await putManifest(upstream, image, layers, 1024);
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return images;
}

/** With a config of its own, filled up to `configSize`. */
async function putManifest(
  upstream: Upstream,
  image: Image,
  layers: readonly Layer[],
  configSize = 0,
): Promise<Image> {
  const { repository, tag } = image;
  const facts = {
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: {},
    author: `${repository}:${tag}`,
  };
  const config = Buffer.from(JSON.stringify(facts).padEnd(configSize));
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: await seedBlob(upstream, repository, config),
      size: config.length,
    },
    layers: layers.map((layer) => ({ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer })),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await ask(upstream, "PUT", `/v2/${repository}/manifests/${tag}`, [201], { type: manifestType, bytes });
  return image;
}
