import type { AppendUse, BlobStore } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { UploadSession, Uploads as UploadRows } from "#core/metadata/uploads.ts";
import type { Digest } from "#oci/digest.ts";
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
  soFar: Digest | undefined;
  /** To go on with; undefined when no byte was touched. */
  hash: UploadHash | undefined;
}

/**
 * Receives one body into a claimed session. When it breaks off, what came is kept and recorded, so that
 * the client can go on from there; then the error is thrown on.
 * @param use what happens with the session next, for the store.
 */
export async function appendBody(
  room: UploadRoom,
  claim: UploadClaim,
  body: UploadBody,
  use: AppendUse = {},
): Promise<Appended> {
  const { store, uploads, hashes, clock } = room;
  const { session } = claim;
  const offset = await presentOffset(store, session);
  // Who doesn't say where goes on where the upload was when it last answered, which may have been lost since.
  const { start = session.offset } = body;
  if (start !== offset) throw outOfOrder(session, offset, start);
  // Nothing to receive and the digest of what is there is known: no byte is touched.
  if (body.length === 0 && offset === session.offset && session.soFar !== undefined)
    return { offset, soFar: session.soFar, hash: undefined };

  const hash = await hashes.at(session, offset);
  let received = 0;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body.chunks) {
      const sure = claim.check();
      if (sure !== undefined) await sure;
      hash?.update(chunk);
      received += chunk.length;
      yield chunk;
    }
    // What follows says where the upload is now.
    await claim.check();
    if (body.length !== undefined && received !== body.length)
      throw wrongLength(session, offset, body, received);
  }
  const before = offset === session.offset ? session.soFar : undefined;
  const digests = { before, after: () => hash?.digest() };
  try {
    const written =
      body.length === 0 ? 0 : await store.append(session.handle, offset, hashed(), { ...use, digests });
    return { offset: offset + written, soFar: hash?.digest(), hash };
  } catch (error) {
    const kept = await keepWhatCame(store, session, offset, offset + received, error);
    const soFar = kept === offset + received ? hash?.digest() : undefined;
    await uploads.progress(session.id, claim.holder, { offset: kept, soFar, touchedAt: clock() });
    claim.spent();
    if (soFar !== undefined && hash !== undefined) hashes.keep(session.id, kept, hash);
    throw error instanceof AppError && error.cause instanceof AppError ? error.cause : error;
  }
}

/** How much of the upload counts after a body that failed. */
async function keepWhatCame(
  store: BlobStore,
  session: UploadSession,
  before: number,
  after: number,
  error: unknown,
): Promise<number> {
  const code = error instanceof AppError ? error.code : undefined;
  // A body that broke off is wholly stored. One that isn't what it said is refused whole.
  if (code === "upload-interrupted") {
    const refused =
      error instanceof AppError && (error.cause as AppError | undefined)?.code === "size-mismatch";
    return refused ? before : after;
  }
  // What can't be finished must not fill the disk: the failed request's bytes make room again.
  if (code === "storage-full") await store.append(session.handle, before, nothing()).catch(() => undefined);
  // After a failing write only the store knows what is there.
  return Math.min(await store.uploaded(session.handle), after);
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
    `the upload has ${offset} bytes, but what came begins at ${start}: go on at ${offset}`,
    { subject: session.id, detail: { offset } },
  );
}

function wrongLength(session: UploadSession, offset: number, body: UploadBody, received: number): AppError {
  return new AppError(
    "size-mismatch",
    `the chunk has ${received} bytes, its headers tell of ${body.length}`,
    {
      subject: session.id,
      detail: { offset },
    },
  );
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // No bytes: the store only cuts back.
}
