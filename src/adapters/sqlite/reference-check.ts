import { checkReferences, type CheckedReferences } from "#core/metadata/check-references.ts";
import type { ManifestReference } from "#core/metadata/repositories.ts";
import type { Connection } from "./connection.ts";

/** Looks up what a manifest names in its repository. */
export function referenceCheck(db: Connection) {
  const blob = db.prepare<[number, string], { size: number; damaged: 0 | 1 }>(
    "SELECT b.size, b.damaged FROM blobs b " +
      "JOIN repository_blobs l ON l.repository_id = ? AND l.blob_id = b.id WHERE b.digest = ?",
  );
  const manifestSize = db
    .prepare<[number, string], number>("SELECT size FROM manifests WHERE repository_id = ? AND digest = ?")
    .pluck();

  return (repositoryId: number, references: readonly ManifestReference[]): CheckedReferences =>
    checkReferences(references, ({ digest, kind }) => {
      const manifest = kind === "manifest" ? manifestSize.get(repositoryId, digest) : undefined;
      if (manifest !== undefined) return manifest;
      const found = blob.get(repositoryId, digest);
      return found?.damaged === 1 ? "damaged" : found?.size;
    });
}
