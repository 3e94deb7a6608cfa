import type { Content } from "#core/engine/content.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { ociManifest } from "#oci/media-type.ts";
import { parseStrictJson } from "#oci/strict-json.ts";
import { recordOf } from "../enlist.ts";
import { readImageManifest, type ImageManifest } from "../manifests.ts";
import { storeImage } from "../store-image.ts";
import { storeLayer } from "../store-layer.ts";
import { invalidArchive, shown } from "./faults.ts";
import type { Archive, ArchiveMember } from "./read-archive.ts";

/** An image that an archive holds, not in the list yet; `names` are qualified ones with tag. */
export interface ArchivedImage {
  image: ImageRecord;
  names: string[];
}

const ociLayer = "application/vnd.oci.image.layer.v1.tar";

/** From an OCI manifest in it, whose bytes stay as they are unless its layers came uncompressed. */
export async function imageOfManifest(
  content: Content,
  archive: Archive,
  member: ArchiveMember,
  type: string,
): Promise<ImageRecord> {
  const manifest = readImageManifest(await archive.bytes(member), type, member.digest);
  for (const { digest, size } of [manifest.config, ...manifest.layers]) {
    const blob = archive.member(blobPath(digest));
    if (blob === undefined && !(await content.has(digest)))
      throw invalidArchive(`it lacks the blob ${digest}`);
    if (blob !== undefined && blob.size !== size)
      throw invalidArchive(`the blob ${digest} has ${blob.size} bytes, not ${size}`);
  }
  if (manifest.layers.some(({ mediaType }) => mediaType.endsWith(".tar")))
    return await repacked(content, archive, manifest);
  return await recordOf(content, { manifest: member.digest, manifestType: manifest.mediaType, ...manifest });
}

async function repacked(content: Content, archive: Archive, manifest: ImageManifest): Promise<ImageRecord> {
  const config = archive.member(blobPath(manifest.config.digest));
  if (config === undefined) throw invalidArchive(`it lacks the blob ${manifest.config.digest}`);
  const layers: Descriptor[] = [];
  for (const layer of manifest.layers) layers.push(await compressed(content, layer));
  return await storeImage(content, await archive.bytes(config), layers);
}

/** From a row of docker's manifest.json. */
export async function imageOfDocker(
  content: Content,
  archive: Archive,
  row: { config: string; layers: readonly string[] },
): Promise<ImageRecord> {
  const config = archive.member(row.config);
  if (config === undefined) throw invalidArchive(`it lacks ${shown(row.config)}`);
  const bytes = await archive.bytes(config);
  const diffIds = diffIdsIn(bytes);
  if (diffIds !== undefined && diffIds.length !== row.layers.length)
    throw invalidArchive(
      `invalid manifest, layers length mismatch: expected ${row.layers.length}, got ${diffIds.length}`,
    );
  const layers: Descriptor[] = [];
  for (const [index, name] of row.layers.entries()) {
    const member = archive.member(name);
    if (member === undefined) throw invalidArchive(`it lacks ${shown(name)}`);
    const expected = diffIds?.[index];
    if (member.layer !== undefined && expected !== undefined && member.layer.diffId !== expected)
      throw invalidArchive(
        `invalid diffID for layer ${index}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(member.layer.diffId)}`,
      );
    const { digest, size } = member;
    const mediaType = ociLayer;
    layers.push(member.layer?.blob ?? (await compressed(content, { mediaType, digest, size })));
  }
  return await storeImage(content, bytes, layers);
}

/** The manifest in index.json that an image of manifest.json is made from, where there is one that says the same. */
export async function manifestFor(
  archive: Archive,
  descriptors: readonly Descriptor[],
  row: { config: string; layers: readonly string[] },
): Promise<{ member: ArchiveMember; type: string } | undefined> {
  const config = archive.member(row.config)?.digest;
  const layers = row.layers.map((name) => archive.member(name)?.digest).join();
  for (const { digest, mediaType } of descriptors) {
    const member = archive.member(blobPath(digest));
    if (member === undefined) continue;
    const manifest = readImageManifest(await archive.bytes(member), mediaType, digest);
    if (manifest.config.digest === config && manifest.layers.map((layer) => layer.digest).join() === layers)
      return { member, type: mediaType || ociManifest };
  }
  return undefined;
}

export function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** The layer as it is where it is compressed, else a compressed copy of it. */
async function compressed(content: Content, layer: Descriptor): Promise<Descriptor> {
  const open = await content.open(layer.digest);
  if (open === undefined) throw invalidArchive(`it lacks the blob ${layer.digest}`);
  try {
    const head = open.size < 4 ? "" : await hexOfFirst(open.read(0, 3));
    if (head.startsWith("1f8b")) return { ...layer, mediaType: `${ociLayer}+gzip` };
    if (head === "28b52ffd") return { ...layer, mediaType: `${ociLayer}+zstd` };
    const body = open.size === 0 ? none() : open.read(0, open.size - 1);
    return (await storeLayer(content, body)).blob;
  } finally {
    await open.close();
  }
}

async function hexOfFirst(body: AsyncIterable<Uint8Array>): Promise<string> {
  let hex = "";
  for await (const chunk of body) hex += Buffer.from(chunk).toString("hex");
  return hex;
}

async function* none(): AsyncGenerator<Uint8Array, void, undefined> {}

/** Undefined where it can't be told; who reads the config says why. */
function diffIdsIn(bytes: Uint8Array): unknown[] | undefined {
  const json = parseStrictJson(new TextDecoder().decode(bytes), 50);
  const value = "value" in json ? (json.value as { rootfs?: { diff_ids?: unknown } } | null) : undefined;
  const diffIds = value?.rootfs?.diff_ids;
  return Array.isArray(diffIds) ? diffIds : undefined;
}
