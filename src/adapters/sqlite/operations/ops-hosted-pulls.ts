import type { HostedPull } from "#core/metadata/hosted-pulls.ts";
import type { Connection } from "../connection.ts";
import { repositoryRows } from "../repository-rows.ts";

interface PullValues {
  repository: number;
  digest: string;
  at: number;
  count: number;
}

/** Counts pulls of manifests; when the manifest goes, so does its row (pull-rows). */
export function hostedPullOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const note = db.prepare<[PullValues]>(
    "INSERT INTO last_pulled (digest, repository_id, kind, size, upstream, pulled_at, pulls) " +
      "SELECT digest, repository_id, 'manifest', size, NULL, :at, :count FROM manifests " +
      "WHERE repository_id = :repository AND digest = :digest " +
      "ON CONFLICT (repository_id, digest, kind) DO UPDATE SET " +
      "pulled_at = max(pulled_at, excluded.pulled_at), pulls = pulls + excluded.pulls",
  );
  return {
    noteHostedPulls({ pulls }: { pulls: readonly HostedPull[] }): void {
      for (const { repository, digest, at, count } of pulls)
        note.run({ repository: repositories.find(repository), digest, at, count });
    },
  };
}

export type HostedPullOperations = ReturnType<typeof hostedPullOperations>;
