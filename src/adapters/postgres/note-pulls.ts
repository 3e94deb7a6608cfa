import { pullsApart, type Pulled } from "#core/metadata/cached-content.ts";
import type { Queries } from "./database.ts";

/** Depth of what a manifest names. */
const deepest = 4;

/**
 * Pulls of pieces and of what they name below them. Rows are locked in the order of their key, and nothing else is,
 * so nobody waits for each other in a circle. A piece that went stays away: nothing is inserted.
 */
const text =
  "WITH RECURSIVE pulls AS MATERIALIZED (SELECT r.id AS repository_id, p.digest, max(p.at) AS at " +
  "FROM unnest($1::text[], $2::text[], $3::bigint[]) AS p (name, digest, at) " +
  "JOIN repositories r ON r.name = p.name GROUP BY r.id, p.digest), " +
  `stale AS (SELECT DISTINCT p.* FROM pulls p JOIN last_pulled l ON l.digest = p.digest ` +
  `AND l.repository_id = p.repository_id AND l.pulled_at <= p.at - ${pullsApart}), ` +
  'named AS (SELECT repository_id, digest COLLATE "C" AS digest, at, 0 AS depth FROM stale UNION ' +
  "SELECT n.repository_id, f.digest, n.at, n.depth + 1 FROM named n " +
  "JOIN manifests m ON m.repository_id = n.repository_id AND m.digest = n.digest " +
  `JOIN manifest_references f ON f.manifest_id = m.id WHERE n.depth < ${deepest}), ` +
  "newest AS (SELECT repository_id, digest, max(at) AS at FROM named GROUP BY repository_id, digest), " +
  "due AS (SELECT l.digest, l.repository_id, l.kind, n.at FROM newest n " +
  "JOIN last_pulled l ON l.digest = n.digest AND l.repository_id = n.repository_id " +
  `WHERE l.pulled_at <= n.at - ${pullsApart} ` +
  "ORDER BY l.digest, l.repository_id, l.kind FOR NO KEY UPDATE OF l) " +
  "UPDATE last_pulled l SET pulled_at = due.at FROM due " +
  "WHERE l.digest = due.digest AND l.repository_id = due.repository_id AND l.kind = due.kind " +
  "AND l.pulled_at < due.at";

export async function notePulls(db: Pick<Queries, "change">, pulls: readonly Pulled[]): Promise<void> {
  await db.change(text, [
    pulls.map(({ repository }) => repository),
    pulls.map(({ digest }) => digest),
    pulls.map(({ at }) => at),
  ]);
}
