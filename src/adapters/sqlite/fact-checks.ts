import type { FactChecks } from "#core/metadata/fact-checks.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { factCheckReads } from "./reads/read-fact-checks.ts";
import { repositoryReads } from "./reads/read-repositories.ts";

/** Checks of facts of the seam: reads here, mutations as data. */
export function sqliteFactChecks(db: Connection, read: Read, mutate: Mutate): FactChecks {
  const reads = factCheckReads(db);
  const { id } = repositoryReads(db);
  return {
    repositories: (page) => read(() => reads.repositories(page)),
    manifests: (repository, page) => read(() => reads.manifests(id(repository), page)),
    lostTags: (repository, limit) => read(() => reads.lostTags(id(repository), limit)),
    links: (repository, after, limit) => read(() => reads.links(id(repository), after, limit)),
    mendLinks: (repository, ids, now) => mutate("mendLinks", { repository, ids, now }),
    usage: (repository) => read(() => reads.usage(id(repository))),
    mendUsage: (repository) => mutate("mendUsage", { repository }),
    wrongOwners: () => read(() => reads.wrongOwners()),
    mendOwners: () => mutate("mendOwners", {}),
    mendSize: (digest, location, size) => mutate("mendSize", { digest, location, size }),
    manifestCopies: (digest, limit) => read(() => reads.manifestCopies(digest, limit)),
    mendManifest: (repository, digest, bytes) => mutate("mendManifest", { repository, digest, bytes }),
    tagsReaching: (repository, digest, limit) =>
      read(() => reads.tagsReaching(id(repository), digest, limit)),
  };
}
