/**
 * The way in for content that nobody pushed (core/ingest.ts): a file of the spool becomes a blob of the store, and then
 * the same facts are written as for a push, without a caller, a policy or a name for the audit log.
 */
import { publicName } from "#core/cached-name.ts";
import type { Ingest } from "#core/ingest.ts";
import type { Spool } from "#core/spool.ts";
import { AppError } from "#core/errors.ts";
import { wrongSize } from "./faults.ts";
import { holdsBlob, linkBlob, type LinkRoom } from "./link-blob.ts";
import { readManifest, referencesOf } from "./read-manifest.ts";

export interface IngestParts extends LinkRoom {
  spool: Spool;
}

export function createIngest({ spool, ...room }: IngestParts): Ingest {
  const { store, repositories, clock } = room;
  const nobody = { upload: undefined, by: undefined };

  return {
    begin: () => spool.begin(),

    async addBlob(repository, digest, size, file) {
      const since = clock();
      const location = await file.commit(digest, size).catch(async (error: unknown) => {
        await file.abort().catch(() => undefined);
        throw error;
      });
      await linkBlob(room, { ...nobody, repository, digest, size, location, since });
    },

    async addSmallBlob(repository, digest, bytes) {
      const since = clock();
      const location = await store.put(digest, bytes);
      await linkBlob(room, { ...nobody, repository, digest, size: bytes.length, location, since });
    },

    async mountBlob(repository, digest, from) {
      if (!(await holdsBlob(room, from, digest))) return false;
      return (await repositories.mount(repository, digest, from, clock(), undefined)) !== undefined;
    },

    async putManifest({ repository, bytes, mediaType, digest: named, tag }) {
      const { parsed, ...content } = readManifest(bytes, mediaType, named, named ?? tag);
      const outcome = await repositories.putManifest({
        ...content,
        repository,
        references: referencesOf(parsed, "any"),
        tags: tag === undefined ? [] : [{ name: tag, was: "any" }],
        expect: undefined,
        now: clock(),
        by: undefined,
      });
      switch (outcome.outcome) {
        case "stored":
          return { digest: content.digest, mediaType: content.mediaType, size: content.size };
        case "wrong-size":
          throw wrongSize(publicName(repository), outcome.references);
        case "missing":
        case "changed":
        case "over-quota":
          throw new AppError("unavailable", `the manifest ${content.digest} could not be put: try again`, {
            cause: new Error(`putManifest without conditions answered ${outcome.outcome}`),
          });
      }
    },
  };
}
