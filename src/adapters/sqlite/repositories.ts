import type { Repositories } from "#core/metadata/repositories.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { blobReads } from "./reads/read-blobs.ts";
import { manifestReads } from "./reads/read-manifests.ts";
import { repositoryReads } from "./reads/read-repositories.ts";

/** Repositories of the seam: reads here, mutations as data. */
export function sqliteRepositories(db: Connection, read: Read, mutate: Mutate): Repositories {
  const repositories = repositoryReads(db);
  const blobs = blobReads(db);
  const manifests = manifestReads(db);
  const id = repositories.id;
  return {
    exists: (repository) => read(() => repositories.exists(repository)),
    holdsManifest: (repository) => read(() => repositories.holdsManifest(repository)),
    catalog: (page) => read(() => repositories.catalog(page)),
    blob: (repository, digest) => read(() => blobs.blob(id(repository), digest)),
    anyBlob: (digest) => read(() => blobs.anyBlob(digest)),
    holders: (digest, page) => read(() => blobs.holders(digest, page)),
    recordedBlob: (digest) => read(() => blobs.recordedBlob(digest)),
    recordedBlobs: (page) => read(() => blobs.recordedBlobs(page)),
    addBlob: (add) => mutate("addBlob", add),
    mount: (repository, digest, from, now, by, quotas) =>
      mutate("mount", { repository, digest, from, now, by, quotas }),
    quarantine: (digest, location) => mutate("quarantine", { digest, location }),
    moveBlob: (digest, from, to) => mutate("moveBlob", { digest, from, to }),
    unlinkBlob: (repository, digest, now, by) => mutate("unlinkBlob", { repository, digest, now, by }),
    manifest: (repository, reference) => read(() => manifests.manifest(id(repository), reference)),
    manifestFacts: (repository, reference) => read(() => manifests.manifestFacts(id(repository), reference)),
    holes: (repository, digest) => read(() => manifests.holes(id(repository), digest)),
    tagsOf: (repository, digest) => read(() => manifests.tagsOf(id(repository), digest)),
    putManifest: (put) => mutate("putManifest", put),
    deleteManifest: (repository, digest, facts, now, by) =>
      mutate("deleteManifest", { repository, digest, facts, now, by }),
    deleteTag: (repository, tag, facts, now, by) => mutate("deleteTag", { repository, tag, facts, now, by }),
    tags: (repository, page) => read(() => manifests.tags(id(repository), page)),
    referrers: (repository, subject, page) => read(() => manifests.referrers(id(repository), subject, page)),
    count: () => read(() => repositories.count()),
  };
}
