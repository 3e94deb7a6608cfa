import type { RepositoryName } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";

/** Stands for a repository that isn't there: no row has it, so every lookup by it finds nothing. */
export const noRepository = -1;

/** Ids of repositories, for the writer. Never remembered: a transaction that made one may be taken back. */
export function repositoryRows(db: Connection) {
  const find = db.prepare<[string], number>("SELECT id FROM repositories WHERE name = ?").pluck();
  const insert = db
    .prepare<[string, number], number>(
      "INSERT INTO repositories (name, created_at) VALUES (?, ?) RETURNING id",
    )
    .pluck();
  return {
    find: (name: RepositoryName): number => find.get(name) ?? noRepository,
    ensure(name: RepositoryName, now: number): number {
      const id = find.get(name) ?? insert.get(name, now);
      if (id === undefined) throw new Error(`no row for repository ${name}`);
      return id;
    },
  };
}
