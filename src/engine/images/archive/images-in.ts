import type { Content } from "#core/engine/content.ts";
import { AppError } from "#core/errors.ts";
import { readDescriptor, ManifestFault, type Descriptor } from "#oci/descriptor.ts";
import { isIndexType, isManifestType } from "#oci/media-type.ts";
import { matchesPlatform, type Platform } from "#oci/platform.ts";
import { nameOf, readReference } from "../read-name.ts";
import {
  blobPath,
  imageOfDocker,
  imageOfManifest,
  manifestFor,
  type ArchivedImage,
} from "./archived-image.ts";
import { invalidArchive, shown } from "./faults.ts";
import type { Archive } from "./read-archive.ts";

const mostImages = 1000;
/** Indexes in indexes. */
const mostDepth = 3;

interface Entry extends Descriptor {
  platform: Platform | undefined;
  name: string | undefined;
}

/** The images of an archive: what manifest.json lists, else what the OCI layout has for this platform. Errors: engine-invalid. */
export async function imagesIn(
  content: Content,
  archive: Archive,
  platform: Platform,
): Promise<ArchivedImage[]> {
  const index = entriesIn(await archive.json("index.json"), "index.json");
  const rows = await archive.json("manifest.json");
  if (rows !== undefined) return await dockerImages(content, archive, rows, index ?? []);
  if (index === undefined) throw invalidArchive("it has no manifest.json and no index.json");
  const images: ArchivedImage[] = [];
  for (const entry of index) {
    const found = await choose(archive, entry, platform, 0);
    if (found === undefined)
      throw invalidArchive(`it has no image for ${platform.os}/${platform.architecture} in ${entry.digest}`);
    const member = archive.member(blobPath(found.digest));
    if (member === undefined) throw invalidArchive(`it lacks the blob ${found.digest}`);
    const image = await imageOfManifest(content, archive, member, found.mediaType);
    images.push({ image, names: entry.name === undefined ? [] : [entry.name] });
  }
  return images;
}

async function dockerImages(
  content: Content,
  archive: Archive,
  rows: unknown,
  index: readonly Entry[],
): Promise<ArchivedImage[]> {
  const list = listIn(rows, "manifest.json");
  const plain = index.filter(({ mediaType }) => isManifestType(mediaType));
  const images: ArchivedImage[] = [];
  for (const value of list) {
    const row = readRow(value);
    const manifest = await manifestFor(archive, plain, row);
    const image =
      manifest === undefined
        ? await imageOfDocker(content, archive, row)
        : await imageOfManifest(content, archive, manifest.member, manifest.type);
    images.push({ image, names: row.tags.map(tagOf) });
  }
  return images;
}

function readRow(value: unknown): { config: string; layers: string[]; tags: string[] } {
  const { Config, Layers, RepoTags } = (value ?? {}) as Record<string, unknown>;
  if (typeof Config !== "string") throw invalidArchive("manifest.json names no config");
  return { config: Config, layers: textsIn(Layers, "Layers"), tags: textsIn(RepoTags, "RepoTags") };
}

/** The image of the platform at or below an entry; undefined: there is none. */
async function choose(
  archive: Archive,
  entry: Entry,
  platform: Platform,
  depth: number,
): Promise<Entry | undefined> {
  if (isManifestType(entry.mediaType)) return entry;
  if (!isIndexType(entry.mediaType) || depth >= mostDepth) return undefined;
  const children = entriesIn(await archive.json(blobPath(entry.digest)), entry.digest) ?? [];
  const matching = children.filter(
    (child) => child.platform === undefined || matchesPlatform(platform, child.platform),
  );
  for (const child of matching) {
    const found = await choose(archive, child, platform, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function entriesIn(value: unknown, where: string): Entry[] | undefined {
  if (value === undefined) return undefined;
  const { manifests } = (typeof value === "object" && value !== null ? value : {}) as { manifests?: unknown };
  return listIn(manifests, where).map((entry) => {
    try {
      const descriptor = readDescriptor(entry, "a descriptor");
      const { platform, annotations } = entry as { platform?: unknown; annotations?: unknown };
      return { ...descriptor, platform: platformIn(platform), name: annotatedName(annotations) };
    } catch (error) {
      if (error instanceof ManifestFault) throw invalidArchive(`${where}: ${error.message}`);
      throw error;
    }
  });
}

function platformIn(value: unknown): Platform | undefined {
  const { os, architecture, variant } = (value ?? {}) as Record<string, unknown>;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { os, architecture, variant: typeof variant === "string" ? variant : undefined };
}

/** containerd's and docker's annotation has the name in full; OCI's often is the tag alone, which names nothing. */
function annotatedName(value: unknown): string | undefined {
  const annotations = (value ?? {}) as Record<string, unknown>;
  const full = annotations["io.containerd.image.name"];
  const written = annotations["org.opencontainers.image.ref.name"];
  const name = full ?? (typeof written === "string" && /[/:]/.test(written) ? written : undefined);
  if (typeof name !== "string") return undefined;
  const reference = readReference(name);
  return reference.digest === undefined ? nameOf(reference) : undefined;
}

function tagOf(text: string): string {
  const reference = readReference(text);
  if (reference.tag === undefined || reference.digest !== undefined)
    throw new AppError("engine-invalid", `invalid tag ${shown(text)}`);
  return nameOf(reference);
}

function listIn(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw invalidArchive(`${where} holds no list of images`);
  if (value.length > mostImages) throw invalidArchive(`${where} lists more than ${mostImages} images`);
  return value as unknown[];
}

function textsIn(value: unknown, where: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "string"))
    throw invalidArchive(`${where} in manifest.json is no list of texts`);
  return value;
}
