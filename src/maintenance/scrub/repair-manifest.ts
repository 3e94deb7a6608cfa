import { AppError } from "#core/errors.ts";
import { algorithmOf, digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { ScrubParts } from "./scrub-parts.ts";

/** Stored copies looked at. */
const mostCopies = 20;

/**
 * Puts the right bytes in place of a manifest's damaged ones: what is stored as it elsewhere here (or there, with
 * another size than is recorded), or what its upstream has. @returns how, in words; undefined: nobody has them
 */
export async function repairManifest(
  { checks, upstream, housekeeping, signal }: ScrubParts,
  repository: RepositoryName,
  digest: Digest,
): Promise<string | undefined> {
  const proved = (bytes: Uint8Array) => digestOf(algorithmOf(digest), bytes) === digest;
  const mend = async (bytes: Uint8Array, how: string) => {
    if (!(await checks.mendManifest(repository, digest, bytes))) return undefined;
    await housekeeping.repaired([{ digest, kind: "manifest", repository }]);
    return how;
  };
  const copy = (await checks.manifestCopies(digest, mostCopies)).find(proved);
  if (copy !== undefined) return mend(copy, "from what is stored here");
  try {
    const found = await upstream?.manifest(repository, digest, signal);
    return found !== undefined && proved(found.bytes)
      ? await mend(found.bytes, `fetched again from ${found.from}`)
      : undefined;
  } catch (error) {
    signal.throwIfAborted();
    // The next round asks again.
    if (error instanceof AppError && error.code.startsWith("upstream-")) return undefined;
    throw error;
  }
}
