import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/**
 * What an engine's images use of this registry's content is held in a repository of the ordinary tables that only the
 * engine knows: links, so that deleting a tag, evicting a cache or collecting garbage never takes it away. No client can
 * write its name, it belongs to no upstream (so it isn't evicted), and nobody is told of it: where names are read for
 * clients (catalog, mounts) the reading begins after them.
 */
const prefix = "!engine/";

/** The repository of what the engine with this id holds. */
export function engineRepository(id: string): RepositoryName {
  return `${prefix}${id}` as RepositoryName;
}

export function isEngineName(repository: RepositoryName): boolean {
  return repository.startsWith(prefix);
}

/** Sorts after every name of an engine's repository and before all others: names begin with a letter or digit. */
export const afterEngineNames = '"' as RepositoryName;

/** By tags of this form the engine's repository lists the manifests that it holds. */
export function holdTag(manifest: Digest): Tag {
  return manifest.replace(":", "-") as Tag;
}

export function heldBy(tag: Tag): Digest {
  return tag.replace("-", ":") as Digest;
}
