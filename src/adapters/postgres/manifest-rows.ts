import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Queries } from "./database.ts";
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

/** How manifests go, and what they name: with everything that they held. Under the lock of their repository. */
export function manifestRows(tx: Queries) {
  /** What it names. */
  async function references(id: number): Promise<Digest[]> {
    const text = "SELECT DISTINCT digest FROM manifest_references WHERE manifest_id = $1";
    return (await tx.rows<{ digest: Digest }>(text, [id])).map(({ digest }) => digest);
  }

  return {
    references,

    /** It named these, and doesn't any more. */
    async letGo(
      { repository, repositoryId }: ManifestRow,
      digests: readonly Digest[],
      now: number,
    ): Promise<void> {
      if (digests.length === 0) return;
      await linkMarks(tx).letGo(repository, repositoryId, digests, now);
      await heldRows(tx).unnamed(repositoryId, digests, undefined, now);
    },

    async remove({ id, repository, repositoryId, digest }: ManifestRow, now: number): Promise<void> {
      const named = await references(id);
      // Its bytes, references and tags go by ON DELETE CASCADE.
      await tx.change("DELETE FROM manifests WHERE id = $1", [id]);
      await pullRows(tx).went({ repository, repositoryId, kind: "manifest", digest });
      await linkMarks(tx).letGo(repository, repositoryId, named, now);
      await heldRows(tx).unnamed(repositoryId, named, digest, now);
    },
  };
}
