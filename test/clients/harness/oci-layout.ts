import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Workplace } from "./workplace.ts";
import { imageConfig, layerArchives, sha256, type ImageContent } from "./image-content.ts";

/** An OCI image layout folder (image-spec image-layout.md) with one tag. */
export interface Layout {
  folder: string;
  tag: string;
  /** What the tag points at: the manifest of the one image, or the index of several. */
  digest: string;
  /** Digests of the images' manifests. */
  manifests: string[];
  /** Digests of everything in the layout. */
  blobs: string[];
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** Writes the images into a new layout; several images become one index. */
export function writeLayout(folder: string, tag: string, images: readonly ImageContent[]): Layout {
  mkdirSync(join(folder, "blobs", "sha256"), { recursive: true });
  const blobs = new Set<string>();
  const put = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const digest = sha256(bytes);
    blobs.add(digest);
    writeFileSync(blobPath(folder, digest), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const putJson = (mediaType: string, fields: object) =>
    put(mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields })));

  const manifests = images.map((image) => {
    const diffIds: string[] = [];
    const layers: Descriptor[] = [];
    for (const archive of layerArchives(image)) {
      diffIds.push(sha256(archive));
      layers.push(put(`${prefix}.layer.v1.tar+gzip`, gzipSync(archive, { level: 1 })));
    }
    const config = put(`${prefix}.config.v1+json`, imageConfig(image, diffIds));
    return {
      ...putJson(`${prefix}.manifest.v1+json`, { config, layers }),
      platform: { architecture: image.architecture, os: "linux" },
    };
  });
  const [first] = manifests;
  if (first === undefined) throw new Error("a layout needs an image");
  const top = manifests.length === 1 ? first : putJson(`${prefix}.index.v1+json`, { manifests });
  const tagged = { ...top, annotations: { "org.opencontainers.image.ref.name": tag } };
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [tagged] }));
  return {
    folder,
    tag,
    digest: top.digest,
    manifests: manifests.map(({ digest }) => digest),
    blobs: [...blobs],
  };
}

/** Where a layout keeps the bytes of a digest. */
export function blobPath(folder: string, digest: string): string {
  return join(folder, "blobs", ...digest.split(":"));
}

/** The layout as one tar file beside it, as `ctr images import` and others read it. */
export async function layoutArchive(work: Workplace, layout: Layout): Promise<string> {
  const archive = `${layout.folder}.tar`;
  await work.run("tar", ["-C", layout.folder, "-cf", archive, "oci-layout", "index.json", "blobs"]);
  return archive;
}

const prefix = "application/vnd.oci.image";
