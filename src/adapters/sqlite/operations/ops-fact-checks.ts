import type { Location } from "#core/blob-store.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";
import { realOwners, realUsage, wrongMark } from "../reads/read-fact-checks.ts";
import { noRepository, repositoryRows } from "../repository-rows.ts";

/** Changes that set facts right which were found wrong. */
export function factCheckOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const hasRow = db.prepare<[number]>("SELECT 1 FROM blobs WHERE id = ?");
  const mark = db.prepare<[{ now: number; repository: number; blob: number }]>(
    "UPDATE repository_blobs SET unreferenced_at = CASE WHEN unreferenced_at IS NULL THEN :now END " +
      "WHERE repository_id = :repository AND blob_id = :blob AND EXISTS (SELECT 1 FROM repository_blobs l " +
      "JOIN repositories r ON r.id = l.repository_id JOIN blobs b ON b.id = l.blob_id " +
      `WHERE l.repository_id = :repository AND l.blob_id = :blob AND ${wrongMark})`,
  );
  // What is counted without the link needs the blob's row: there is one, for a moment.
  const standIn = db.prepare<[{ id: number }]>(
    "INSERT INTO blobs (id, digest, size, location, created_at) VALUES (:id, 'lost:' || :id, 0, 'lost', 0)",
  );
  const unlink = db.prepare<[number]>("DELETE FROM repository_blobs WHERE blob_id = ?");
  const standOut = db.prepare<[{ id: number }]>(
    "DELETE FROM blobs WHERE id = :id AND digest = 'lost:' || :id",
  );
  const setUsage = db.prepare<[{ id: number }]>(
    "INSERT INTO repository_usage (repository_id, bytes, blobs, manifests, tags) " +
      `SELECT :id, * FROM (${realUsage}) WHERE true ON CONFLICT (repository_id) DO UPDATE SET bytes = excluded.bytes, ` +
      "blobs = excluded.blobs, manifests = excluded.manifests, tags = excluded.tags",
  );
  const dropOwners = db.prepare<[]>("DELETE FROM owner_usage");
  const setOwners = db.prepare<[]>(`INSERT INTO owner_usage (owner, bytes, tags) ${realOwners}`);
  const setSize = db.prepare<[number, string, string]>(
    "UPDATE blobs SET size = ? WHERE digest = ? AND location = ?",
  );
  const pulledSize = db.prepare<[number, string]>(
    "UPDATE last_pulled SET size = ? WHERE kind = 'blob' AND digest = ?",
  );
  const manifestId = db
    .prepare<[number, string], number>("SELECT id FROM manifests WHERE repository_id = ? AND digest = ?")
    .pluck();
  const putBytes = db.prepare<[number, Uint8Array]>(
    "INSERT INTO manifest_bytes (manifest_id, bytes) VALUES (?, ?) " +
      "ON CONFLICT (manifest_id) DO UPDATE SET bytes = excluded.bytes",
  );
  const sizeOfManifest = db.prepare<[number, number]>("UPDATE manifests SET size = ? WHERE id = ?");

  /** Of every repository: none of them can have it. */
  function dropLost(id: number): number {
    standIn.run({ id });
    const gone = unlink.run(id).changes;
    standOut.run({ id });
    return gone;
  }

  return {
    mendLinks({
      repository: name,
      ids,
      now,
    }: {
      repository: RepositoryName;
      ids: readonly number[];
      now: number;
    }): number {
      const repository = repositories.find(name);
      let mended = 0;
      for (const blob of ids)
        mended +=
          hasRow.get(blob) === undefined ? dropLost(blob) : mark.run({ now, repository, blob }).changes;
      return mended;
    },

    mendUsage({ repository }: { repository: RepositoryName }): void {
      const id = repositories.find(repository);
      if (id !== noRepository) setUsage.run({ id });
    },

    mendOwners(_: Record<string, never>): void {
      dropOwners.run();
      setOwners.run();
    },

    mendSize({ digest, location, size }: { digest: Digest; location: Location; size: number }): boolean {
      if (setSize.run(size, digest, location).changes === 0) return false;
      pulledSize.run(size, digest);
      return true;
    },

    mendManifest({
      repository,
      digest,
      bytes,
    }: {
      repository: RepositoryName;
      digest: Digest;
      bytes: Uint8Array;
    }): boolean {
      const id = manifestId.get(repositories.find(repository), digest);
      if (id === undefined) return false;
      putBytes.run(id, bytes);
      sizeOfManifest.run(bytes.length, id);
      return true;
    },
  };
}

export type FactCheckOperations = ReturnType<typeof factCheckOperations>;
