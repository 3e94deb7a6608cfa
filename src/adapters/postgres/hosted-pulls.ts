import type { HostedPulls } from "#core/metadata/hosted-pulls.ts";
import type { Database } from "./database.ts";

/** Pulls of one statement. */
const pullsAtOnce = 500;

/** A manifest that is being deleted is waited for, so no row of it comes back. All lock in the same order. */
const note =
  "WITH pulls AS (SELECT r.id AS repository_id, p.digest, max(p.at) AS at, sum(p.count)::bigint AS count " +
  "FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS p (name, digest, at, count) " +
  "JOIN repositories r ON r.name = p.name GROUP BY r.id, p.digest), " +
  "there AS MATERIALIZED (SELECT m.digest, m.repository_id, m.size, p.at, p.count FROM pulls p JOIN manifests m " +
  "ON m.repository_id = p.repository_id AND m.digest = p.digest " +
  "ORDER BY m.repository_id, m.digest FOR KEY SHARE OF m) " +
  "INSERT INTO last_pulled AS l (digest, repository_id, kind, size, upstream, pulled_at, pulls) " +
  "SELECT digest, repository_id, 'manifest', size, NULL, at, count FROM there ORDER BY repository_id, digest " +
  "ON CONFLICT (digest, repository_id, kind) DO UPDATE SET " +
  "pulled_at = greatest(l.pulled_at, excluded.pulled_at), pulls = l.pulls + excluded.pulls";

/** Pulls of hosted manifests of the seam. */
export function postgresHostedPulls(db: Database): HostedPulls {
  return {
    async note(pulls) {
      for (let i = 0; i < pulls.length; i += pullsAtOnce) {
        const some = pulls.slice(i, i + pullsAtOnce);
        await db.change(note, [
          some.map(({ repository }) => repository),
          some.map(({ digest }) => digest),
          some.map(({ at }) => at),
          some.map(({ count }) => count),
        ]);
      }
    },
  };
}
