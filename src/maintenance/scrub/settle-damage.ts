import type { Damage } from "#core/metadata/housekeeping.ts";
import { algorithmOf, digestOf } from "#oci/digest.ts";
import type { ScrubParts } from "./scrub-parts.ts";

/** Known damage looked at in one go. */
const most = 1_000;

/** Forgets damage that is none any more: pushed again, moved in, or nobody's. @returns how much is left, at most 1,000 */
export async function settleDamage({
  housekeeping,
  repositories,
  cached,
}: {
  cached: ScrubParts["cached"];
  housekeeping: ScrubParts["housekeeping"];
  repositories: Pick<
    ScrubParts["repositories"],
    "recordedBlob" | "blob" | "manifest" | "manifestFacts" | "holders"
  >;
}): Promise<number> {
  const known = await housekeeping.damage(most);
  const over: Damage[] = [];
  for (const damage of known) if (await isOver(damage)) over.push(damage);
  if (over.length > 0) await housekeeping.repaired(over);
  return known.length - over.length;

  async function isOver({ digest, kind, repository }: Damage): Promise<boolean> {
    if (repository === undefined) {
      const blob = await repositories.recordedBlob(digest);
      if (blob === undefined || !blob.damaged) return true;
      return (await repositories.holders(digest, { limit: 1, last: undefined })).length === 0;
    }
    const lacking = async () => (await cached.naming(repository, digest)) !== undefined;
    if (kind === "blob")
      return (await repositories.blob(repository, digest)) !== undefined || !(await lacking());
    const stored = await repositories.manifest(repository, digest);
    if (stored !== undefined) return digestOf(algorithmOf(digest), stored.bytes) === digest;
    // A row without bytes is still damaged; without a row it is lacking as long as another names it.
    return (await repositories.manifestFacts(repository, digest)) === undefined && !(await lacking());
  }
}
