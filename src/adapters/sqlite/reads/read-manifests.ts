import type {
  HeldManifest,
  ManifestFacts,
  Page,
  Referrer,
  ReferrersPage,
  StoredManifest,
} from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { isDigest } from "../reference-kind.ts";

interface ReferrerRow extends ManifestFacts {
  artifactType: string | null;
  annotations: string | null;
}

/** Reads of manifests, tags and referrers. A GET by tag, the most frequent read, is one step. */
export function manifestReads(db: Connection) {
  const facts = "m.digest, m.media_type AS mediaType, m.size";
  const held = `${facts}, m.pushed_at AS pushedAt`;
  const bytes = "JOIN manifest_bytes b ON b.manifest_id = m.id";
  const byTag = "FROM tags t JOIN manifests m ON m.id = t.manifest_id";
  const tagIs = "WHERE t.repository_id = ? AND t.name = ?";
  const digestIs = "WHERE m.repository_id = ? AND m.digest = ?";
  const storedByTag = db.prepare<[number, string], StoredManifest>(
    `SELECT ${held}, b.bytes ${byTag} ${bytes} ${tagIs}`,
  );
  const storedByDigest = db.prepare<[number, string], StoredManifest>(
    `SELECT ${held}, b.bytes FROM manifests m ${bytes} ${digestIs}`,
  );
  const factsByTag = db.prepare<[number, string], HeldManifest>(`SELECT ${held} ${byTag} ${tagIs}`);
  const factsByDigest = db.prepare<[number, string], HeldManifest>(
    `SELECT ${held} FROM manifests m ${digestIs}`,
  );
  const tagPage = db
    .prepare<[number, string, number], Tag>(
      "SELECT name FROM tags WHERE repository_id = ? AND name > ? ORDER BY name LIMIT ?",
    )
    .pluck();
  const tagsOf = db
    .prepare<[number, string], Tag>(
      "SELECT t.name FROM manifests m JOIN tags t ON t.manifest_id = m.id " +
        "WHERE m.repository_id = ? AND m.digest = ? ORDER BY t.name",
    )
    .pluck();
  const holes = db
    .prepare<[number, string], Digest>(
      "SELECT r.digest FROM manifests m JOIN manifest_references r ON r.manifest_id = m.id " +
        "WHERE m.repository_id = ? AND m.digest = ? AND r.missing = 1",
    )
    .pluck();
  const referrers =
    `SELECT ${facts}, m.artifact_type AS artifactType, m.annotations FROM manifests m ` +
    "WHERE m.repository_id = ? AND m.subject = ? AND m.digest > ?";
  const allReferrers = db.prepare<[number, string, string, number], ReferrerRow>(
    `${referrers} ORDER BY m.digest LIMIT ?`,
  );
  const referrersOfType = db.prepare<[number, string, string, string, number], ReferrerRow>(
    `${referrers} AND m.artifact_type = ? ORDER BY m.digest LIMIT ?`,
  );

  return {
    manifest: (repositoryId: number, reference: Digest | Tag) =>
      (isDigest(reference) ? storedByDigest : storedByTag).get(repositoryId, reference),

    manifestFacts: (repositoryId: number, reference: Digest | Tag) =>
      (isDigest(reference) ? factsByDigest : factsByTag).get(repositoryId, reference),

    holes: (repositoryId: number, digest: Digest) => holes.all(repositoryId, digest),

    tagsOf: (repositoryId: number, digest: Digest) => tagsOf.all(repositoryId, digest),

    // No name is empty, so "" sorts before the first.
    tags: (repositoryId: number, { last, limit }: Page) => tagPage.all(repositoryId, last ?? "", limit),

    referrers(repositoryId: number, subject: Digest, page: ReferrersPage): Referrer[] {
      const { last = "", limit, artifactType } = page;
      const rows =
        artifactType === undefined
          ? allReferrers.all(repositoryId, subject, last, limit)
          : referrersOfType.all(repositoryId, subject, last, artifactType, limit);
      return rows.map((row) => ({
        ...row,
        artifactType: row.artifactType ?? undefined,
        annotations: row.annotations ?? undefined,
      }));
    },
  };
}
