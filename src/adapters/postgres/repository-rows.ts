import type { RepositoryName } from "#oci/reference.ts";
import type { Queries } from "./database.ts";

/** Stands for a repository that isn't there: no row has it, so every lookup by it finds nothing. */
export const noRepository = -1;

/**
 * Ids of repositories inside a transaction. What a repository holds is changed under its row's lock, which
 * doesn't hold up pushes of blobs into it. Whoever locks a blob, too, locks the blob first.
 */
export function repositoryRows(tx: Queries) {
  const find = (name: RepositoryName) =>
    tx.row<{ id: number }>("SELECT id FROM repositories WHERE name = $1", [name]);
  const insert = (name: RepositoryName, now: number) =>
    tx.row<{ id: number }>(
      "INSERT INTO repositories (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id",
      [name, now],
    );
  const lock = async (name: RepositoryName): Promise<number> => {
    const text = "SELECT id FROM repositories WHERE name = $1 FOR NO KEY UPDATE";
    return (await tx.row<{ id: number }>(text, [name]))?.id ?? noRepository;
  };
  return {
    lock,

    /** The repository's id; makes its row. Waits for another transaction that is making the same. */
    async ensure(name: RepositoryName, now: number): Promise<number> {
      const row = (await find(name)) ?? (await insert(name, now)) ?? (await find(name));
      if (row === undefined) throw new Error(`no row for repository ${name}`);
      return row.id;
    },

    /** `ensure` and `lock` in one. */
    async ensureLocked(name: RepositoryName, now: number): Promise<number> {
      const id = await lock(name);
      if (id !== noRepository) return id;
      return (await insert(name, now))?.id ?? lock(name);
    },
  };
}
