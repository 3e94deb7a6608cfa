import type {
  HeldManifest,
  ManifestFacts,
  Referrer,
  Repositories,
  StoredManifest,
} from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import { after, type Database } from "./database.ts";
import { isDigest } from "./reference-kind.ts";

type ManifestReads = Pick<
  Repositories,
  "manifest" | "manifestFacts" | "holes" | "tagsOf" | "tags" | "referrers"
>;

type ReferrerRow = ManifestFacts & { artifactType: string | null; annotations: string | null };

const facts = 'm.digest, m.media_type AS "mediaType", m.size';
const held = `${facts}, m.pushed_at AS "pushedAt"`;
const bytes = "JOIN manifest_bytes b ON b.manifest_id = m.id";
const byDigest = "FROM repositories r JOIN manifests m ON m.repository_id = r.id";
const digestIs = "WHERE r.name = $1 AND m.digest = $2";
const byTag =
  "FROM repositories r JOIN tags t ON t.repository_id = r.id JOIN manifests m ON m.id = t.manifest_id";
const tagIs = "WHERE r.name = $1 AND t.name = $2";

const referrers =
  `SELECT ${facts}, m.artifact_type AS "artifactType", m.annotations ${byDigest} ` +
  "WHERE r.name = $1 AND m.subject = $2 AND m.digest > $3";

/** Reads of manifests, tags and referrers; one statement each. */
export function manifestReads(db: Database): ManifestReads {
  const names = async (text: string, values: readonly unknown[]): Promise<Tag[]> =>
    (await db.rows<{ name: Tag }>(text, values)).map(({ name }) => name);

  return {
    manifest: (repository, reference) =>
      db.row<StoredManifest>(
        isDigest(reference)
          ? `SELECT ${held}, b.bytes ${byDigest} ${bytes} ${digestIs}`
          : `SELECT ${held}, b.bytes ${byTag} ${bytes} ${tagIs}`,
        [repository, reference],
      ),

    manifestFacts: (repository, reference) =>
      db.row<HeldManifest>(
        isDigest(reference) ? `SELECT ${held} ${byDigest} ${digestIs}` : `SELECT ${held} ${byTag} ${tagIs}`,
        [repository, reference],
      ),

    async holes(repository, digest) {
      const rows = await db.rows<{ digest: Digest }>(
        `SELECT f.digest ${byDigest} JOIN manifest_references f ON f.manifest_id = m.id ${digestIs} AND f.missing`,
        [repository, digest],
      );
      return rows.map((row) => row.digest);
    },

    tagsOf: (repository, digest) =>
      names(`SELECT t.name ${byDigest} JOIN tags t ON t.manifest_id = m.id ${digestIs} ORDER BY t.name`, [
        repository,
        digest,
      ]),

    tags: (repository, { last, limit }) =>
      names(
        "SELECT t.name FROM repositories r JOIN tags t ON t.repository_id = r.id " +
          "WHERE r.name = $1 AND t.name > $2 ORDER BY t.name LIMIT $3",
        [repository, after(last), limit],
      ),

    async referrers(repository, subject, { last, limit, artifactType }): Promise<Referrer[]> {
      const values = [repository, subject, after(last), limit];
      const rows =
        artifactType === undefined
          ? await db.rows<ReferrerRow>(`${referrers} ORDER BY m.digest LIMIT $4`, values)
          : await db.rows<ReferrerRow>(`${referrers} AND m.artifact_type = $5 ORDER BY m.digest LIMIT $4`, [
              ...values,
              artifactType,
            ]);
      return rows.map((row) => ({
        ...row,
        artifactType: row.artifactType ?? undefined,
        annotations: row.annotations ?? undefined,
      }));
    },
  };
}
