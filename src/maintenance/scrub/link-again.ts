import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { bringFromStore, bringFromUpstream, type Brought } from "./bring-blob.ts";
import type { ScrubParts } from "./scrub-parts.ts";

/**
 * Gives a repository a blob back that one of its manifests names, and that it had. What another repository has is
 * linked; else the bytes are brought. @returns how, in words; undefined: it isn't to be had from there
 */
export async function linkAgain(
  parts: ScrubParts,
  repository: RepositoryName,
  digest: Digest,
): Promise<string | undefined> {
  const { repositories, clock } = parts;
  if ((await repositories.mount(repository, digest, undefined, clock(), undefined)) !== undefined)
    return "linked again";
  const recorded = await repositories.recordedBlob(digest);
  const brought =
    (recorded !== undefined && !recorded.damaged
      ? // A copy, because what no repository links may be on its way out.
        await bringFromStore(parts, recorded.location, digest)
      : undefined) ?? (await bringFromUpstream(parts, [repository], digest));
  if (brought === undefined) return undefined;
  await takeIn(parts, repository, digest, brought);
  return brought.how;
}

/** Records what was brought and links it. */
export async function takeIn(
  { repositories, store, housekeeping, clock }: ScrubParts,
  repository: RepositoryName,
  digest: Digest,
  { location, size }: Brought,
): Promise<void> {
  const { redundant } = await repositories.addBlob({
    repository,
    digest,
    size,
    location,
    upload: undefined,
    replace: undefined,
    now: clock(),
    by: undefined,
  });
  // Of two locations the one that isn't used; never one that was recorded and may still be read.
  if (redundant === location) await store.delete(location);
  await housekeeping.repaired([{ digest, kind: "blob", repository }]);
}
