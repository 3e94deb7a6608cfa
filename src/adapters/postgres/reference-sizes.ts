import { checkReferences, type CheckedReferences } from "#core/metadata/check-references.ts";
import type { ManifestReference } from "#core/metadata/repositories.ts";
import type { Queries } from "./database.ts";

/** Looks up what a manifest names in its repository, in two statements however much it names. */
export async function checkStoredReferences(
  tx: Queries,
  repositoryId: number,
  references: readonly ManifestReference[],
): Promise<CheckedReferences> {
  const digests = [...new Set(references.map(({ digest }) => digest))];
  const blobs = new Map<string, number | "damaged">();
  const manifests = new Map<string, number>();
  if (digests.length > 0) {
    const rows = await tx.rows<{ digest: string; size: number; damaged: boolean }>(
      "SELECT b.digest, b.size, b.damaged FROM blobs b " +
        "JOIN repository_blobs l ON l.repository_id = $1 AND l.blob_id = b.id WHERE b.digest = ANY ($2::text[])",
      [repositoryId, digests],
    );
    for (const { digest, size, damaged } of rows) blobs.set(digest, damaged ? "damaged" : size);
  }
  if (references.some(({ kind }) => kind === "manifest")) {
    const rows = await tx.rows<{ digest: string; size: number }>(
      "SELECT digest, size FROM manifests WHERE repository_id = $1 AND digest = ANY ($2::text[])",
      [repositoryId, digests],
    );
    for (const { digest, size } of rows) manifests.set(digest, size);
  }
  return checkReferences(
    references,
    ({ digest, kind }) => (kind === "manifest" ? manifests.get(digest) : undefined) ?? blobs.get(digest),
  );
}
