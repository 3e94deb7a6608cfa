import { createHash } from "node:crypto";

/** Manifests that name this many blobs each; the rest of the blobs is garbage. */
export const blobsOfManifest = 7;
export const repositories = 100;

const configType = "application/vnd.oci.image.config.v1+json";
const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";
export const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** How much is planted. */
export interface GarbagePlan {
  blobs: number;
  manifests: number;
}

export interface PlannedBlob {
  bytes: Buffer;
  /** Hex of SHA-256. */
  hex: string;
}

/** The same blob for the same number, everywhere. */
export function blobAt(number: number): PlannedBlob {
  return hashed(Buffer.from(`blob ${number}\n`));
}

/** The manifest that names the blobs from `7 × number` on: config first. */
export function manifestAt(
  number: number,
): PlannedBlob & { named: PlannedBlob[]; repository: string; tag: string } {
  const named = Array.from({ length: blobsOfManifest }, (_, i) => blobAt(number * blobsOfManifest + i));
  const described = named.map(({ hex, bytes }, i) => ({
    mediaType: i === 0 ? configType : layerType,
    digest: `sha256:${hex}`,
    size: bytes.length,
  }));
  const [config, ...layers] = described;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }));
  const repository = `bench/r${number % repositories}`;
  return { ...hashed(bytes), named, repository, tag: `t${number}` };
}

/** Where the blob of this number lies; of a named one, its manifest lies there, too. */
export function repositoryOf(number: number): string {
  return `bench/r${Math.floor(number / blobsOfManifest) % repositories}`;
}

/** Numbers of the blobs that no manifest names. */
export function garbageFrom({ manifests }: GarbagePlan): number {
  return manifests * blobsOfManifest;
}

function hashed(bytes: Buffer): PlannedBlob {
  return { bytes, hex: createHash("sha256").update(bytes).digest("hex") };
}
