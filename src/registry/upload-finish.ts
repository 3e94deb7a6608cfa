import type { AuditActor } from "#core/audit.ts";
import { AppError } from "#core/errors.ts";
import type { Location } from "#core/blob-store.ts";
import type { UploadSession } from "#core/metadata/uploads.ts";
import { algorithmOf, digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { digestMismatch } from "./faults.ts";
import { linkBlob } from "./link-blob.ts";
import type { PushQuotas } from "./quota-gate.ts";
import { appendBody, type Appended, type UploadRoom } from "./upload-append.ts";
import type { UploadClaim } from "./upload-claim.ts";
import { hashOf, newUploadHash } from "./upload-hash.ts";
import type { UploadBody } from "./upload-body.ts";

/** Bodies up to this size are received in memory and written in one go, without a claim. */
const smallLimit = 128 * 1024;

export function smallBody(body: UploadBody): body is UploadBody & { length: number } {
  return body.length !== undefined && body.length > 0 && body.length <= smallLimit;
}

/** Ends a claimed session in a blob. Throws digest-mismatch (the session is gone then), storage-*. */
export async function finishUpload(
  room: UploadRoom,
  claim: UploadClaim,
  digest: Digest,
  body: UploadBody,
  by: AuditActor | undefined,
  quota?: PushQuotas,
): Promise<void> {
  const { session } = claim;
  const bound = (await quota?.bound(body, session.offset, digest)) ?? body;
  const appended = await appendBody(room, claim, bound, { last: true });
  room.hashes.drop(session.id);
  const found = await digestAs(room, session, appended, digest);
  if (found !== undefined && found !== digest) {
    await discard(room, claim);
    throw digestMismatch(digest, { received: found, size: appended.offset });
  }
  await claim.check();
  const since = room.clock();
  const location = await room.store.commit(session.handle, digest, appended.offset);
  if (found === undefined) await verifyCommitted(room, claim, digest, location);
  const upload = { id: session.id, holder: claim.holder };
  const { repository } = session;
  await linkBlob(room, { repository, digest, size: appended.offset, location, upload, since, by }, quota);
  claim.spent();
}

/**
 * A small blob: bytes in memory → digest → one durable file → one transaction. No claim is needed:
 * nothing of the session's own bytes is touched, and the transaction that links the blob ends it.
 * @param session the session this body finishes; undefined for a single POST.
 */
export async function receiveSmall(
  room: UploadRoom,
  repository: RepositoryName,
  digest: Digest,
  body: UploadBody & { length: number },
  session: UploadSession | undefined,
  by: AuditActor | undefined,
  quota?: PushQuotas,
): Promise<void> {
  await quota?.admit(body.length, digest);
  const bytes = await gather(body);
  if (digestOf(algorithmOf(digest), bytes) !== digest) {
    if (session !== undefined && (await room.uploads.end(session.id))) await room.store.abort(session.handle);
    throw digestMismatch(digest, { size: bytes.length });
  }
  const since = room.clock();
  const location = await room.store.put(digest, bytes);
  const upload = session && { id: session.id, holder: undefined };
  await linkBlob(room, { repository, digest, size: bytes.length, location, upload, since, by }, quota);
}

async function gather(body: UploadBody & { length: number }): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(body.length);
  let filled = 0;
  for await (const chunk of body.chunks) {
    if (filled + chunk.length > bytes.length)
      throw new AppError("size-mismatch", `the body is longer than its Content-Length of ${body.length}`);
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== body.length)
    throw new AppError(
      "size-mismatch",
      `the body has ${filled} bytes, its Content-Length says ${body.length}`,
    );
  return bytes;
}

/** The digest of the upload in the claimed algorithm; undefined when the store can't read it back before commit. */
async function digestAs(
  room: UploadRoom,
  session: UploadSession,
  appended: Appended,
  digest: Digest,
): Promise<Digest | undefined> {
  const algorithm = algorithmOf(digest);
  if (algorithm === session.algorithm && appended.soFar !== undefined) return appended.soFar;
  return (await hashOf(room.store, session, appended.offset, algorithm))?.digest();
}

/** For stores that show bytes only after commit: one read before anything refers to them. */
async function verifyCommitted(
  room: UploadRoom,
  claim: UploadClaim,
  digest: Digest,
  location: Location,
): Promise<void> {
  const hash = newUploadHash(algorithmOf(digest));
  await using blob = await room.store.open(location);
  for await (const chunk of blob.read(0, blob.size - 1)) hash.update(chunk);
  if (hash.digest() === digest) return;
  await room.store.delete(location);
  await discard(room, claim);
  throw digestMismatch(digest, { received: hash.digest(), size: blob.size });
}

async function discard(room: UploadRoom, claim: UploadClaim): Promise<void> {
  await room.uploads.end(claim.session.id);
  claim.spent();
  await room.store.abort(claim.session.handle);
}
