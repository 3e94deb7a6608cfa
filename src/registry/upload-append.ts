import type { BlobStore } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { UploadSession, Uploads as UploadRows } from "#core/metadata/uploads.ts";
import type { UploadClaim } from "./upload-claim.ts";
import type { UploadHash, UploadHashes } from "./upload-hash.ts";
import type { UploadBody } from "./upload-body.ts";

export interface UploadRoom {
  store: BlobStore;
  repositories: Repositories;
  uploads: UploadRows;
  hashes: UploadHashes;
  clock: Clock;
}

export interface Appended {
  offset: number;
  /** Of everything so far; undefined where the store can't read unfinished uploads back. */
  hash: UploadHash | undefined;
}

/**
 * Receives one body into a claimed session. When it breaks off, what came is kept and recorded, so that
 * the client can go on from there; then the error is thrown on.
 */
export async function appendBody(room: UploadRoom, claim: UploadClaim, body: UploadBody): Promise<Appended> {
  const { store, uploads, hashes, clock } = room;
  const { session } = claim;
  const offset = await presentOffset(store, session);
  if (body.start !== undefined && body.start !== offset) throw outOfOrder(session, offset, body.start);
  // Nothing to receive and the digest of what is there is known: no byte is touched.
  if (body.length === 0 && offset === session.offset && session.soFar !== undefined)
    return { offset, hash: known(session.soFar) };

  const hash = await hashes.at(session, offset);
  let received = 0;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body.chunks) {
      claim.check();
      hash?.update(chunk);
      received += chunk.length;
      yield chunk;
    }
  }
  try {
    const written = body.length === 0 ? 0 : await store.append(session.handle, offset, hashed());
    return { offset: offset + written, hash };
  } catch (error) {
    // A body that broke off is wholly stored; after a failing write only the store knows what is there.
    const whole = error instanceof AppError && error.code === "upload-interrupted";
    const now = whole ? offset + received : Math.min(await store.uploaded(session.handle), offset + received);
    const soFar = whole ? hash?.digest() : undefined;
    await uploads.progress(session.id, claim.holder, { offset: now, soFar, touchedAt: clock() });
    claim.spent();
    if (whole && hash !== undefined) hashes.keep(session.id, now, hash);
    throw whole && error.cause instanceof AppError ? error.cause : error;
  }
}

/** What is really there: a power failure may have taken bytes that were acknowledged but never synced. */
async function presentOffset(store: BlobStore, session: UploadSession): Promise<number> {
  if (session.offset === 0) return 0;
  return Math.min(session.offset, await store.uploaded(session.handle));
}

/** Refuses a body that doesn't go on where the upload is. distribution-spec "Pushing a blob in chunks". */
function outOfOrder(session: UploadSession, offset: number, start: number): AppError {
  return new AppError(
    "upload-out-of-order",
    `the upload has ${offset} bytes, but the chunk begins at ${start}: go on at ${offset}`,
    { subject: session.id, detail: { offset } },
  );
}

function known(digest: NonNullable<UploadSession["soFar"]>): UploadHash {
  return {
    update: () => {
      throw new Error("a finished digest cannot go on");
    },
    digest: () => digest,
  };
}
