import type { BlobFacts, LinkedBlob, Page } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "../connection.ts";

interface BlobRow extends Omit<BlobFacts, "damaged"> {
  damaged: 0 | 1;
}

type LinkedRow = BlobRow & Pick<LinkedBlob, "linkedAt">;

/** Reads of blobs; one step each. */
export function blobReads(db: Connection) {
  const columns = "b.digest, b.size, b.location, b.damaged";
  const facts = `SELECT ${columns} FROM blobs b`;
  const linked = db.prepare<[number, string], LinkedRow>(
    `SELECT ${columns}, l.linked_at AS linkedAt FROM blobs b ` +
      "JOIN repository_blobs l ON l.repository_id = ? AND l.blob_id = b.id WHERE b.digest = ?",
  );
  const anywhere = db.prepare<[string], BlobRow>(`${facts} WHERE b.digest = ? AND b.unreferenced_at IS NULL`);
  const recorded = db.prepare<[string], BlobRow>(`${facts} WHERE b.digest = ?`);
  const every = db.prepare<[string, number], BlobRow>(
    `${facts} WHERE b.digest > ? ORDER BY b.digest LIMIT ?`,
  );
  const holders = db
    .prepare<[string, string, number], RepositoryName>(
      "SELECT r.name FROM blobs b JOIN repository_blobs l ON l.blob_id = b.id " +
        "JOIN repositories r ON r.id = l.repository_id WHERE b.digest = ? AND r.name > ? ORDER BY r.name LIMIT ?",
    )
    .pluck();
  return {
    blob(repositoryId: number, digest: Digest): LinkedBlob | undefined {
      const row = linked.get(repositoryId, digest);
      return row && { ...factsOf(row), linkedAt: row.linkedAt };
    },
    anyBlob: (digest: Digest) => blobFacts(anywhere.get(digest)),
    holders: (digest: Digest, { last, limit }: Page) => holders.all(digest, last ?? "", limit),
    recordedBlob: (digest: Digest) => blobFacts(recorded.get(digest)),
    recordedBlobs: ({ last, limit }: Page) => every.all(last ?? "", limit).map(factsOf),
  };
}

function blobFacts(row: BlobRow | undefined): BlobFacts | undefined {
  return row && factsOf(row);
}

function factsOf({ digest, size, location, damaged }: BlobRow): BlobFacts {
  return { digest, size, location, damaged: damaged === 1 };
}
