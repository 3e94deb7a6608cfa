import { gzipSync } from "node:zlib";
import type { Descriptor } from "#oci/descriptor.ts";
import { digestOf, hexOf, type Digest } from "#oci/digest.ts";
import { ociManifest } from "#oci/media-type.ts";
import { file, tarOf, type TarPart } from "./layer-tar.ts";

export interface MadeImage {
  id: Digest;
  manifest: Digest;
  manifestType: string;
  config: Descriptor;
  layers: Descriptor[];
  diffIds: Digest[];
  /** Uncompressed layers, base first. */
  tars: Buffer[];
  /** Config, compressed layers, manifest. */
  blobs: Map<Digest, Buffer>;
  configBytes: Buffer;
  manifestBytes: Buffer;
}

export const layer = (...parts: TarPart[]): Buffer => tarOf(parts);

/** An OCI image of these layers. @param more fields of its config, which may be as wrong as the test wants. */
export function madeImage(tars: Buffer[], more: Record<string, unknown> = {}): MadeImage {
  const diffIds = tars.map((tar) => digestOf("sha256", tar));
  const configBytes = json({
    architecture: "amd64",
    os: "linux",
    created: "2026-01-02T03:04:05Z",
    config: { Cmd: ["sh"], Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: diffIds },
    history: diffIds.map((_, i) => ({ created: "2026-01-02T03:04:05Z", created_by: `layer ${i}` })),
    ...more,
  });
  const blobs = new Map<Digest, Buffer>();
  const keep = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf("sha256", bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const config = keep("application/vnd.oci.image.config.v1+json", configBytes);
  const layers = tars.map((tar) => keep("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(tar)));
  const manifestBytes = json({ schemaVersion: 2, mediaType: ociManifest, config, layers });
  const manifest = keep(ociManifest, manifestBytes).digest;
  return {
    id: config.digest,
    manifest,
    manifestType: ociManifest,
    config,
    layers,
    diffIds,
    tars,
    blobs,
    configBytes,
    manifestBytes,
  };
}

/** As old dockers save images: plain layers in files of their own, manifest.json at the end. */
export function dockerArchive(
  image: MadeImage,
  tags: string[] | null,
  more: TarPart[] = [],
  row: Record<string, unknown> = {},
): Buffer {
  const config = `${hexOf(image.id)}.json`;
  const layers = image.diffIds.map((diffId) => `${hexOf(diffId)}/layer.tar`);
  return tarOf([
    ...image.tars.map((tar, i) => file(layers[i] ?? "", "", { body: tar })),
    file(config, "", { body: image.configBytes }),
    ...more,
    file("manifest.json", JSON.stringify([{ Config: config, RepoTags: tags, Layers: layers, ...row }])),
  ]);
}

/** An OCI layout in a tar. @param annotations of its one image. */
export function ociArchive(
  image: MadeImage,
  annotations: Record<string, string>,
  more: TarPart[] = [],
): Buffer {
  const { manifest, manifestType, manifestBytes } = image;
  const entry = { mediaType: manifestType, digest: manifest, size: manifestBytes.length, annotations };
  return tarOf([
    ...[...image.blobs].map(([digest, body]) => file(`blobs/sha256/${hexOf(digest)}`, "", { body })),
    file("index.json", JSON.stringify({ schemaVersion: 2, manifests: [entry] })),
    file("oci-layout", '{"imageLayoutVersion":"1.0.0"}'),
    ...more,
  ]);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
