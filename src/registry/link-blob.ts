import type { BlobStore } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { AddBlob, Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { whenFree } from "./upload-claim.ts";

export interface LinkRoom {
  store: BlobStore;
  repositories: Repositories;
  clock: Clock;
}

/**
 * The fact that makes committed bytes a blob of the repository. When this fails, the bytes stay: whether the
 * transaction happened may be unknown, and bytes that nobody refers to are harmless, a reference to nothing is not.
 */
export async function linkBlob(room: LinkRoom, add: Omit<AddBlob, "replace" | "now">): Promise<void> {
  const { digest, location } = add;
  const { repositories, store, clock } = room;
  const before = await repositories.recordedBlob(digest);
  // What can't even be looked at is as good as gone; the bytes just received are known to be right.
  const stored = before && (await store.stat(before.location).catch(() => undefined));
  const replace = before !== undefined && stored !== before.size ? before.location : undefined;
  const done = await whenFree(() => repositories.addBlob({ ...add, replace, now: clock() })).catch(
    async (error: unknown) => {
      // The one refusal that surely wrote nothing. A session's own place isn't touched: whoever took the
      // session over while this process stood still may be making the same bytes a blob at the same place.
      const own = add.upload?.holder === undefined;
      if (own && error instanceof AppError && error.code === "upload-busy") await store.delete(location);
      throw error;
    },
  );
  // The push is done; bytes that can't be removed now are nobody's.
  if (done.redundant !== undefined) await store.delete(done.redundant).catch(() => undefined);
}

/** Whether the repository has the blob, with bytes of the right size: what may be linked elsewhere. */
export async function holdsBlob(
  { repositories, store }: Omit<LinkRoom, "clock">,
  repository: RepositoryName,
  digest: Digest,
): Promise<boolean> {
  const blob = await repositories.blob(repository, digest);
  return blob !== undefined && !blob.damaged && (await store.stat(blob.location)) === blob.size;
}
