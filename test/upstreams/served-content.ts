import { digestOf, type ManifestContent } from "../harness/registry-content.ts";

interface ServedRepository {
  manifests: Map<string, { bytes: Buffer; mediaType: string }>;
  blobs: Map<string, Buffer>;
  tags: Map<string, string>;
}

/** What the upstream serves when nothing is wrong with it, in memory. */
export interface ServedContent {
  /** Serves the manifest with its blobs, under its digest and these tags (which move). */
  add(repository: string, content: ManifestContent, ...tags: string[]): void;
  /** Gives the digest. The bytes are not copied. */
  addBlob(repository: string, bytes: Buffer): string;
  /** Points the tag to a manifest that is there. */
  tag(repository: string, tag: string, digest: string): void;
  /** Removes a tag, or a manifest or blob by digest; without a reference the whole repository. */
  remove(repository: string, reference?: string): void;
}

export type ContentIndex = ServedContent & {
  repository(name: string): ServedRepository | undefined;
  manifest(
    repository: string,
    reference: string,
  ): { bytes: Buffer; mediaType: string; digest: string } | undefined;
};

export function createServedContent(): ContentIndex {
  const repositories = new Map<string, ServedRepository>();

  function of(name: string): ServedRepository {
    const found = repositories.get(name) ?? { manifests: new Map(), blobs: new Map(), tags: new Map() };
    repositories.set(name, found);
    return found;
  }

  return {
    add(repository, { bytes, digest, mediaType, blobs }, ...tags) {
      const { manifests, blobs: served, tags: pointers } = of(repository);
      manifests.set(digest, { bytes, mediaType });
      for (const blob of blobs) served.set(blob.digest, blob.bytes);
      for (const tag of tags) pointers.set(tag, digest);
    },
    addBlob(repository, bytes) {
      const digest = digestOf(bytes);
      of(repository).blobs.set(digest, bytes);
      return digest;
    },
    tag(repository, tag, digest) {
      of(repository).tags.set(tag, digest);
    },
    remove(repository, reference) {
      if (reference === undefined) return void repositories.delete(repository);
      const { manifests, blobs, tags } = of(repository);
      for (const map of [manifests, blobs, tags]) map.delete(reference);
      for (const [tag, digest] of tags) if (digest === reference) tags.delete(tag);
    },
    repository: (name) => repositories.get(name),
    manifest(repository, reference) {
      const found = repositories.get(repository);
      const digest = reference.includes(":") ? reference : found?.tags.get(reference);
      const manifest = digest === undefined ? undefined : found?.manifests.get(digest);
      return manifest === undefined || digest === undefined ? undefined : { ...manifest, digest };
    },
  };
}
