import type { Usage } from "#core/metadata/usage.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { usageReads } from "./reads/read-usage.ts";

/** How much is used of the seam: reads here, mutations as data. */
export function sqliteUsage(db: Connection, read: Read, mutate: Mutate): Usage {
  const reads = usageReads(db);
  return {
    repositories: (page) => read(() => reads.repositories(page)),
    repository: (repository) => read(() => reads.repository(repository)),
    used: (scope) => read(() => reads.used(scope)),
    owners: () => read(() => reads.owners()),
    takeBack: (repository, owner, since, now, digests) =>
      mutate("takeBack", { repository, owner, since, now, digests }),
  };
}
