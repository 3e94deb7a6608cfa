import type { BlobStore } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { AddBlob, Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { PushQuotas } from "./quota-gate.ts";
import { whenFree } from "./upload-claim.ts";

export interface LinkRoom {
  store: BlobStore;
  repositories: Repositories;
  clock: Clock;
}

/** `since`: when (ms) the bytes began to be committed, or before. */
type Committed = Omit<AddBlob, "replace" | "now" | "quotas"> & { since: number };

/** ms. Bytes that lay about for longer may have been taken for nobody's; a stray is one for longer. */
const late = 30_000;

/**
 * The fact that makes committed bytes a blob of the repository. When this fails, the bytes stay: whether the
 * transaction happened may be unknown, and bytes that nobody refers to are harmless, a reference to nothing is not.
 * Throws over-quota: nothing was written, the bytes are gone, and the session is the caller's to end.
 */
export async function linkBlob(
  room: LinkRoom,
  { since, ...add }: Committed,
  quota?: PushQuotas,
): Promise<void> {
  const { digest, location } = add;
  const { repositories, store, clock } = room;
  const before = await repositories.recordedBlob(digest);
  // What can't even be looked at is as good as gone; the bytes just received are known to be right.
  const stored = before && (await store.stat(before.location).catch(() => undefined));
  const replace = before !== undefined && stored !== before.size ? before.location : undefined;
  const quotas = quota?.facts;
  const done = await whenFree(() => repositories.addBlob({ ...add, quotas, replace, now: clock() })).catch(
    async (error: unknown) => {
      // The one refusal that surely wrote nothing. A session's own place isn't touched: whoever took the
      // session over while this process stood still may be making the same bytes a blob at the same place.
      const own = add.upload?.holder === undefined;
      if (own && error instanceof AppError && error.code === "upload-busy") await store.delete(location);
      throw error;
    },
  );
  if (done.redundant !== location && clock() - since > late) await mustBeThere(room, add);
  // The push is done; bytes that can't be removed now are nobody's.
  if (done.redundant !== undefined) await store.delete(done.redundant).catch(() => undefined);
  if (done.over !== undefined) await quota?.refuse(done.over);
}

/** Garbage collection removes strays before it forgets them: what is there now that it is recorded stays. */
async function mustBeThere(
  { repositories, store }: LinkRoom,
  { digest, location, size }: Pick<AddBlob, "digest" | "location" | "size">,
): Promise<void> {
  if ((await store.stat(location).catch(() => size)) === size) return;
  await repositories.quarantine(digest, location);
  throw new AppError(
    "unavailable",
    `the bytes of blob ${digest} were removed as nobody's in between: push it again`,
    {
      subject: digest,
    },
  );
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
