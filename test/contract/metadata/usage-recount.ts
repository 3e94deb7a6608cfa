/** Rows of these say where a counter isn't what a recount finds. The SQL of both stores. */
export const wrongCounters = [
  `SELECT r.name, u.bytes, u.blobs, u.manifests, u.tags FROM repositories r
    LEFT JOIN repository_usage u ON u.repository_id = r.id
    WHERE u.repository_id IS NULL
    OR u.blobs <> (SELECT count(*) FROM repository_blobs WHERE repository_id = r.id)
    OR u.manifests <> (SELECT count(*) FROM manifests WHERE repository_id = r.id)
    OR u.tags <> (SELECT count(*) FROM tags WHERE repository_id = r.id)
    OR u.bytes <> (SELECT coalesce(sum(b.size), 0) FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id
      WHERE l.repository_id = r.id)
      + (SELECT coalesce(sum(size), 0) FROM manifests WHERE repository_id = r.id)`,
  `SELECT u.owner, u.bytes, u.tags FROM owner_usage u
    WHERE u.bytes <> (SELECT coalesce(sum(b.size), 0) FROM repository_blobs l JOIN blobs b ON b.id = l.blob_id
      WHERE l.owner = u.owner)
    OR u.tags <> (SELECT count(*) FROM tags WHERE owner = u.owner)`,
  `SELECT owner FROM (SELECT owner FROM repository_blobs UNION SELECT owner FROM tags) o
    WHERE owner IS NOT NULL AND owner NOT IN (SELECT owner FROM owner_usage)`,
];
