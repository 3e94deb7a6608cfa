import type { Repositories } from "#core/metadata/repositories.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { blobReads } from "./read-blobs.ts";
import { manifestReads } from "./read-manifests.ts";
import { repositoryReads } from "./read-repositories.ts";

/** Repositories of the seam: reads here, mutations as data. */
export function sqliteRepositories(db: Connection, read: Read, mutate: Mutate): Repositories {
  const repositories = repositoryReads(db);
  const blobs = blobReads(db);
  const manifests = manifestReads(db);
  const id = repositories.id;
  return {
    exists: (repository) => read(() => repositories.exists(repository)),
    catalog: (page) => read(() => repositories.catalog(page)),
    blob: (repository, digest) => read(() => blobs.blob(id(repository), digest)),
    anyBlob: (digest) => read(() => blobs.anyBlob(digest)),
    recordedBlob: (digest) => read(() => blobs.recordedBlob(digest)),
    addBlob: (add) => mutate("addBlob", add),
    mount: (repository, digest, from, now) => mutate("mount", { repository, digest, from, now }),
    quarantine: (digest, location) => mutate("quarantine", { digest, location }),
    unlinkBlob: (repository, digest, now) => mutate("unlinkBlob", { repository, digest, now }),
    manifest: (repository, reference) => read(() => manifests.manifest(id(repository), reference)),
    manifestFacts: (repository, reference) => read(() => manifests.manifestFacts(id(repository), reference)),
    putManifest: (put) => mutate("putManifest", put),
    deleteManifest: (repository, digest, facts) => mutate("deleteManifest", { repository, digest, facts }),
    deleteTag: (repository, tag, facts) => mutate("deleteTag", { repository, tag, facts }),
    tags: (repository, page) => read(() => manifests.tags(id(repository), page)),
    referrers: (repository, subject, page) => read(() => manifests.referrers(id(repository), subject, page)),
    count: () => read(() => repositories.count()),
  };
}
