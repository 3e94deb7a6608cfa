import type { WarmReport } from "#pull-through/warm-report.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { freshBytes, oci, type Descriptor, type ManifestContent } from "../harness/registry-content.ts";

/** Of the upstream that `fillOverRegistry` calls so. */
export const app = "up.test/library/app" as RepositoryName;
export const v1 = "v1" as Tag;

/** Told of nothing. */
export const unseen = { expect: () => undefined, add: () => undefined };
export const never = new AbortController().signal;

/** An index of images for these platforms, each with a config and a layer of its own. */
export function multiPlatform(...platforms: string[]): {
  index: ManifestContent;
  children: ManifestContent[];
} {
  const children = platforms.map(() => oci.image({ layers: [freshBytes(500)] }));
  const manifests = children.map((child, i) => forPlatform(child, platforms[i] ?? ""));
  return { index: oci.index({ manifests }), children };
}

export function forPlatform(image: ManifestContent, platform: string): Descriptor {
  const [os, architecture, variant] = platform.split("/");
  return { ...image.descriptor, platform: { os, architecture, variant } };
}

/** Digests of all blobs of these. */
export function blobsOf(...images: ManifestContent[]): string[] {
  return images.flatMap(({ blobs }) => blobs.map(({ digest }) => digest)).sort();
}

/** What was fetched and what was there: manifests, then blobs. */
export function counts({ manifests, blobs }: Pick<WarmReport, "manifests" | "blobs">): number[] {
  return [manifests.fetched, manifests.had, blobs.fetched, blobs.had];
}
