import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";
import { heldRows } from "./held-rows.ts";
import { linkMarks } from "./link-marks.ts";
import { pullRows } from "./pull-rows.ts";

/** A manifest, as whoever removes it knows it. */
export interface ManifestRow {
  id: number;
  repository: RepositoryName;
  repositoryId: number;
  digest: Digest;
}

/** How manifests go, and what they name: with everything that they held. */
export function manifestRows(db: Connection) {
  const held = heldRows(db);
  const marks = linkMarks(db);
  const pulls = pullRows(db);
  const references = db
    .prepare<[number], Digest>("SELECT digest FROM manifest_references WHERE manifest_id = ?")
    .pluck();
  // Its bytes, references and tags go by ON DELETE CASCADE.
  const remove = db.prepare<[number]>("DELETE FROM manifests WHERE id = ?");

  function letGo({ repository, repositoryId }: ManifestRow, digests: readonly Digest[], now: number): void {
    marks.letGo(repository, repositoryId, digests, now);
    held.unnamed(repositoryId, digests, now);
  }

  return {
    /** What it names. */
    references: (id: number) => references.all(id),

    /** It named these, and doesn't any more. */
    letGo,

    remove(manifest: ManifestRow, now: number): void {
      const { id, repository, repositoryId, digest } = manifest;
      const named = references.all(id);
      remove.run(id);
      pulls.went({ repository, repositoryId, kind: "manifest", digest });
      letGo(manifest, named, now);
      held.withoutSubject(repositoryId, digest, now);
    },
  };
}
