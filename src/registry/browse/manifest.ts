import type { Access } from "#core/access.ts";
import type { Caller } from "#core/caller.ts";
import type { Repositories, StoredManifest } from "#core/metadata/repositories.ts";
import type { Source } from "#core/source.ts";
import type { ManifestView } from "#core/web/views.ts";
import type { Digest } from "#oci/digest.ts";
import { indexChildren } from "#oci/index-children.ts";
import { parseManifest, type ParsedManifest } from "#oci/manifest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { manifestUnknown } from "../faults.ts";
import type { ImageFactsReader } from "./image-facts.ts";
import { imageView } from "./image-view.ts";
import { placeOf } from "./place.ts";
import { isImageConfig, readConfig } from "./read-config.ts";
import { referrerViews } from "./referrers.ts";

export interface BrowsedManifest {
  /** Of a repository that the caller may pull from. Throws repository-unknown, manifest-unknown. */
  view(caller: Caller, repository: RepositoryName, reference: Digest | Tag): Promise<ManifestView>;
}

export interface BrowsedManifestParts {
  repositories: Pick<
    Repositories,
    "exists" | "holdsManifest" | "manifest" | "manifestFacts" | "tagsOf" | "referrers"
  >;
  blobs: Pick<Source["blobs"], "open">;
  images: ImageFactsReader;
  access: Access;
}

/** Children of an index that are shown; an index of 4 MiB names some ten thousand. */
const mostChildren = 500;
const mostTags = 500;

export function createBrowsedManifest(parts: BrowsedManifestParts): BrowsedManifest {
  const { repositories, blobs, images, access } = parts;

  async function childrenOf(
    stored: RepositoryName,
    bytes: Uint8Array,
    { manifests }: ParsedManifest,
  ): Promise<ManifestView["children"]> {
    const said = indexChildren(bytes);
    const children: ManifestView["children"] = [];
    for (const [at, { digest, mediaType, size }] of manifests.slice(0, mostChildren).entries()) {
      const { platform, annotations } = said[at] ?? { platform: undefined, annotations: {} };
      const present = (await repositories.manifestFacts(stored, digest)) !== undefined;
      children.push({
        digest,
        mediaType,
        size,
        ...(platform === undefined ? {} : { platform }),
        present,
        annotations,
      });
    }
    return children;
  }

  async function contentOf(
    stored: RepositoryName,
    { bytes, mediaType }: StoredManifest,
  ): Promise<
    Pick<ManifestView, "artifactType" | "subject" | "annotations" | "children" | "layers" | "image">
  > {
    const read = parseManifest(bytes, mediaType);
    // It was read when it came: only another version's rules can find a fault now.
    if ("fault" in read) return { annotations: {}, children: [], layers: [] };
    const { manifest } = read;
    const [config, ...layers] = manifest.blobs;
    const image =
      config !== undefined && isImageConfig(config)
        ? await readConfig(blobs, stored, config, layers.length)
        : "absent";
    return {
      ...(manifest.artifactType === undefined ? {} : { artifactType: manifest.artifactType }),
      ...(manifest.subject === undefined ? {} : { subject: manifest.subject }),
      annotations: manifest.annotations ?? {},
      children: await childrenOf(stored, bytes, manifest),
      layers: layers.map(({ digest, mediaType: type, size }) => ({ digest, mediaType: type, size })),
      ...(image === "absent" || image === undefined ? {} : { image: imageView(image, layers) }),
    };
  }

  return {
    async view(caller, repository, reference) {
      const { stored, cached } = await placeOf(repositories, repository);
      const manifest = await repositories.manifest(stored, reference);
      if (manifest === undefined) throw manifestUnknown(repository, reference);
      const { digest, mediaType, size } = manifest;
      const may = (action: "push" | "delete") => access.decide(caller, repository, action).allowed;
      return {
        repository,
        digest,
        mediaType,
        size,
        totalSize: (await images.of(stored, digest))?.size ?? size,
        tags: (await repositories.tagsOf(stored, digest)).slice(0, mostTags),
        ...(await contentOf(stored, manifest)),
        referrers: await referrerViews(repositories, stored, digest),
        may: { push: !cached && may("push"), delete: may("delete") },
      };
    },
  };
}
