import type { RepositoryName } from "#oci/reference.ts";

/**
 * What came from an upstream is kept in a repository of its own, whose name no client can write: so a hosted
 * repository of the same public name can stand before it, a push never meets a fill, and who deletes the one never
 * deletes the other. The mark sorts before every character of a name, so listings stay in order.
 */
const mark = "!";

/** Where the content of the upstream's repository is kept: `docker.io/library/busybox` → its cached name. */
export function cachedName(repository: RepositoryName): RepositoryName {
  return `${repository}${mark}` as RepositoryName;
}

export function isCachedName(repository: RepositoryName): boolean {
  return repository.endsWith(mark);
}

/** The name that people know, of either. */
export function publicName(repository: RepositoryName): RepositoryName {
  return isCachedName(repository) ? (repository.slice(0, -mark.length) as RepositoryName) : repository;
}
