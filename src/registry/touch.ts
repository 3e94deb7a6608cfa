import { isCachedName } from "#core/cached-name.ts";
import type { Clock } from "#core/clock.ts";
import type { Garbage } from "#core/metadata/garbage.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

/**
 * Somebody is about to be told that the repository has this, and may do without pushing it (HEAD): what nothing names
 * stays for another grace period. False: it went in between. What is cached is evicted by its pulls, and isn't touched.
 */
export type Touch = (
  repository: RepositoryName,
  kind: "blob" | "manifest",
  digest: Digest,
) => Promise<boolean>;

export interface TouchParts {
  garbage: Pick<Garbage, "touch">;
  clock: Clock;
  /** How long a thing stays that nothing names, ms. */
  grace: () => number;
}

/** One thing's time is written once in so long at most, ms, and four times in a grace period. */
const longestLag = 60_000;

/** @param parts undefined: nobody is told of anything here, so nothing is touched */
export function createTouch(parts: TouchParts | undefined): Touch {
  if (parts === undefined) return () => Promise.resolve(true);
  const { garbage, clock, grace } = parts;
  return async (repository, kind, digest) =>
    isCachedName(repository) ||
    garbage.touch(repository, kind, digest, clock(), Math.min(longestLag, grace() / 4));
}
