import type { Content } from "#core/engine/content.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { ImageConfig } from "#oci/image-config.ts";
import { dockerManifest, ociManifest } from "#oci/media-type.ts";
import { recordOf } from "./enlist.ts";
import { dockerLayer } from "./store-layer.ts";

const dockerPlain = "application/vnd.docker.image.rootfs.diff.tar";

/** Writes an image's config and manifest for layers that Content has, docker's way where that has words for them. */
export async function storeImage(
  content: Content,
  config: ImageConfig | Uint8Array,
  layers: readonly Descriptor[],
): Promise<ImageRecord> {
  const docker = layers.map(dockerForm);
  const inDocker = docker.filter((layer) => layer !== undefined);
  const all = inDocker.length === layers.length;
  const bytes = config instanceof Uint8Array ? config : textBytes(config);
  const stored = await keep(content, bytes);
  const descriptor = {
    mediaType: all
      ? "application/vnd.docker.container.image.v1+json"
      : "application/vnd.oci.image.config.v1+json",
    size: bytes.length,
    digest: stored,
  };
  const manifestType = all ? dockerManifest : ociManifest;
  const manifest = await keep(
    content,
    textBytes({
      schemaVersion: 2,
      mediaType: manifestType,
      config: descriptor,
      layers: all ? inDocker : layers.map(ociForm),
    }),
  );
  return await recordOf(content, { manifest, manifestType, config: descriptor, layers });
}

async function keep(content: Content, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf("sha256", bytes);
  await content.add(
    digest,
    (async function* () {
      yield bytes;
    })(),
  );
  return digest;
}

function textBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Undefined: zstd, which docker's media types don't know. */
function dockerForm({ mediaType, size, digest }: Descriptor): Descriptor | undefined {
  if (mediaType.endsWith("gzip")) return { mediaType: dockerLayer, size, digest };
  return mediaType.endsWith(".tar") ? { mediaType: dockerPlain, size, digest } : undefined;
}

function ociForm({ mediaType, size, digest }: Descriptor): Descriptor {
  const packing = /[.+](gzip|zstd)$/.exec(mediaType)?.[1];
  const plain = "application/vnd.oci.image.layer.v1.tar";
  return { mediaType: packing === undefined ? plain : `${plain}+${packing}`, size, digest };
}
