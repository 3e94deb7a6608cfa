import assert from "node:assert/strict";
import type { LooseLink, LooseManifest } from "#core/metadata/garbage.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { tag } from "./content.ts";

/** ms; later than anything. */
export const ever = Number.MAX_SAFE_INTEGER;
export const nothing = { count: 0, blobs: 0, bytes: 0 };
export const any = (...names: string[]) => names.map((name) => ({ name: tag(name), was: "any" as const }));

export const links = (metadata: Metadata, before = ever): Promise<LooseLink[]> =>
  metadata.garbage.looseLinks(before, 100, undefined);

/** Of the loose links the digests and since when they are. */
export const loose = async (metadata: Metadata) =>
  (await links(metadata)).map(({ digest, unreferencedAt }) => [digest, unreferencedAt]);

export async function manifests(metadata: Metadata): Promise<LooseManifest[]> {
  const page = await metadata.garbage.looseManifests(100, undefined);
  assert.equal(page.next, undefined);
  return page.manifests;
}

/** Of the loose manifests the digests and since when they are. */
export const looseManifests = async (metadata: Metadata) =>
  (await manifests(metadata)).map(({ digest, looseSince }) => [digest, looseSince]);

/** Bytes, blobs and manifests of a repository, as they are counted. */
export async function usageOf(metadata: Metadata, repository: RepositoryName): Promise<number[]> {
  const usage = await metadata.usage.repository(repository);
  return usage === undefined ? [] : [usage.bytes, usage.blobs, usage.manifests];
}
