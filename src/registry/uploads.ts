/**
 * Uploads: how bytes become blobs. Owns the sessions' rules; never SQL, HTTP or files.
 * begin → append… → finish: claim the session → body → hash → store → progress (or: compare digest →
 * commit, durable → one transaction that links the blob and forgets the session → answer).
 */
import type { Access } from "#core/access.ts";
import type { AuditActor } from "#core/audit.ts";
import { cachedName, publicName } from "#core/cached-name.ts";
import { afterEngineNames } from "#core/engine-name.ts";
import type { BlobStore, UploadHandle } from "#core/blob-store.ts";
import type { Caller } from "#core/caller.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { UploadSession, Uploads as UploadRows } from "#core/metadata/uploads.ts";
import { uuid } from "#kit/uuid.ts";
import { algorithmOf, type Algorithm, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { uploadUnknown } from "./faults.ts";
import { holdsBlob } from "./link-blob.ts";
import { isOverQuota, type QuotaGate } from "./quota-gate.ts";
import { appendBody } from "./upload-append.ts";
import { claimUpload, type UploadClaim } from "./upload-claim.ts";
import { finishUpload, receiveSmall, smallBody } from "./upload-finish.ts";
import type { UploadBody } from "./upload-body.ts";
import { createUploadHashes } from "./upload-hash.ts";

export interface UploadState {
  id: string;
  /** Bytes received so far. */
  offset: number;
}

export interface Uploads {
  begin(caller: Caller, repository: RepositoryName, algorithm: Algorithm): Promise<UploadState>;
  /** Throws upload-unknown; so do all the others, also when the session is another repository's or caller's. */
  status(caller: Caller, repository: RepositoryName, id: string): Promise<UploadState>;
  /** Throws upload-out-of-order (the session lives on), upload-busy, upload-interrupted, storage-*. */
  append(caller: Caller, repository: RepositoryName, id: string, body: UploadBody): Promise<UploadState>;
  /** Appends `body`, then turns the session into a blob of the repository. Also throws digest-mismatch. */
  finish(
    caller: Caller,
    repository: RepositoryName,
    id: string,
    digest: Digest,
    body: UploadBody,
    by: AuditActor | undefined,
  ): Promise<void>;
  cancel(caller: Caller, repository: RepositoryName, id: string): Promise<void>;
  /** A whole blob in one request, without a session. Throws digest-mismatch, storage-*. */
  push(
    caller: Caller,
    repository: RepositoryName,
    digest: Digest,
    body: UploadBody,
    by: AuditActor | undefined,
  ): Promise<void>;
  /**
   * Links a blob of `from` (undefined: of any repository) without bytes. Repositories that the caller may
   * not pull from are as if they lacked it (CVE-2024-39897).
   * @returns false when there is none; the caller then begins a session. `narrow` names a source from which
   * the caller may pull, but not with the access token shown: nothing is mounted.
   */
  mount(
    caller: Caller,
    repository: RepositoryName,
    digest: Digest,
    from: RepositoryName | undefined,
    by: AuditActor | undefined,
  ): Promise<boolean | { narrow: RepositoryName }>;
  /** Ends sessions without traffic since `before` (ms) and removes bytes that no session knows. Returns how many. */
  purge(before: number): Promise<number>;
  /** How many `purge` would end, but for those that somebody is writing to. */
  stale(before: number): Promise<number>;
}

export interface UploadsParts {
  store: BlobStore;
  repositories: Repositories;
  uploads: UploadRows;
  access: Access;
  clock: Clock;
  /** Undefined: there are no quotas. */
  quotas?: QuotaGate;
}

/** Repositories looked at for one mount without `from`: a base image's layer may be in thousands. */
const mountSources = 1_000;
/** Sessions ended by one purge transaction. */
const purgeStep = 500;

export function createUploads({
  store,
  repositories,
  uploads,
  access,
  clock,
  quotas,
}: UploadsParts): Uploads {
  const hashes = createUploadHashes(store);
  const parts = { store, repositories, uploads, hashes, clock };

  /** The session if it is this caller's in this repository; else as if it weren't there (CVE-2026-32589). */
  async function find(caller: Caller, repository: RepositoryName, id: string): Promise<UploadSession> {
    const session = await uploads.find(id);
    if (session?.repository !== repository || session.owner !== caller.id) throw uploadUnknown(id);
    return session;
  }

  async function claim(caller: Caller, repository: RepositoryName, id: string): Promise<UploadClaim> {
    await find(caller, repository, id);
    return claimUpload(uploads, id, uuid(), clock);
  }

  /** What a push does that goes over a quota leaves nothing: its session goes, too. */
  async function leavingNothing(id: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isOverQuota(error)) {
        const session = await uploads.find(id);
        hashes.drop(id);
        if (session !== undefined && (await uploads.end(id))) await store.abort(session.handle);
      }
      throw error;
    }
  }

  async function begin(
    caller: Caller,
    repository: RepositoryName,
    algorithm: Algorithm,
  ): Promise<UploadSession> {
    const session: UploadSession = {
      id: uuid(),
      repository,
      owner: caller.id,
      algorithm,
      handle: store.begin(),
      startedAt: clock(),
      offset: 0,
      soFar: undefined,
      touchedAt: clock(),
    };
    await uploads.begin(session);
    return session;
  }

  /** A repository that holds the blob and that the caller may pull from. */
  async function mountSource(
    caller: Caller,
    digest: Digest,
    from: RepositoryName | undefined,
  ): Promise<RepositoryName | undefined> {
    const mayPull = (repository: RepositoryName) =>
      access.decide(caller, publicName(repository), "pull").allowed;
    if (from !== undefined) {
      if (!mayPull(from)) return undefined;
      // Of an image that was pulled through here, docker names the repository that it was pulled from.
      const hosted = await repositories.exists(from);
      return hosted ? from : cachedName(from);
    }
    const page = { limit: mountSources, last: afterEngineNames };
    return (await repositories.holders(digest, page)).find(mayPull);
  }

  async function expire(before: number): Promise<{ id: string; handle: UploadHandle }[]> {
    try {
      return await uploads.expire(before, clock(), purgeStep);
    } catch (error) {
      if (!(error instanceof AppError && error.code === "storage-full")) throw error;
      // Make room first: files that nobody wrote to since then belong to sessions that end now anyway.
      for await (const handle of store.staleUploads(before)) await store.abort(handle);
      return uploads.expire(before, clock(), purgeStep);
    }
  }

  return {
    async begin(caller, repository, algorithm) {
      // How much will come nobody knows yet; where nothing fits any more, it needn't come.
      await quotas?.of(caller, repository)?.admit(undefined);
      return begin(caller, repository, algorithm);
    },

    async status(caller, repository, id) {
      const session = await find(caller, repository, id);
      return { id, offset: session.offset };
    },

    async append(caller, repository, id, body) {
      const quota = quotas?.of(caller, repository);
      let offset = 0;
      await leavingNothing(id, async () => {
        await using claimed = await claim(caller, repository, id);
        const bound = (await quota?.bound(body, claimed.session.offset)) ?? body;
        const appended = await appendBody(parts, claimed, bound);
        const { soFar, hash } = appended;
        offset = appended.offset;
        await uploads.progress(id, claimed.holder, { offset, soFar, touchedAt: clock() });
        claimed.spent();
        if (hash !== undefined) hashes.keep(id, offset, hash);
      });
      return { id, offset };
    },

    async finish(caller, repository, id, digest, body, by) {
      const quota = quotas?.of(caller, repository);
      await leavingNothing(id, async () => {
        if (smallBody(body)) {
          const session = await find(caller, repository, id);
          if (session.offset === 0 && (body.start ?? 0) === 0) {
            await receiveSmall(parts, repository, digest, body, session, by, quota);
            return;
          }
        }
        await using claimed = await claim(caller, repository, id);
        await finishUpload(parts, claimed, digest, body, by, quota);
      });
    },

    async cancel(caller, repository, id) {
      const session = await find(caller, repository, id);
      const ended = await uploads.end(id).catch(async (error: unknown) => {
        // A full disk takes no change of metadata either, until the bytes are gone.
        if (!(error instanceof AppError && error.code === "storage-full")) throw error;
        await store.abort(session.handle);
        return uploads.end(id);
      });
      if (!ended) throw uploadUnknown(id);
      hashes.drop(id);
      await store.abort(session.handle);
    },

    async push(caller, repository, digest, body, by) {
      const quota = quotas?.of(caller, repository);
      if (smallBody(body)) {
        await receiveSmall(parts, repository, digest, body, undefined, by, quota);
        return;
      }
      const session = await begin(caller, repository, algorithmOf(digest));
      try {
        await using claimed = await claimUpload(uploads, session.id, uuid(), clock);
        await finishUpload(parts, claimed, digest, body, by, quota);
      } catch (error) {
        // Nobody was told of this session, so nobody can go on with it.
        if (await uploads.end(session.id)) await store.abort(session.handle);
        throw error;
      }
    },

    async mount(caller, repository, digest, from, by) {
      const source = await mountSource(caller, digest, from);
      if (source !== undefined) {
        if (!(await holdsBlob(parts, source, digest))) return false;
        const quota = quotas?.of(caller, repository);
        const mounted = await repositories.mount(repository, digest, source, clock(), by, quota?.facts);
        if (mounted !== undefined && "over" in mounted) await quota?.refuse(mounted.over);
        return mounted !== undefined;
      }
      // Nobody can ask for a token for a source that the request doesn't name, or didn't think of it.
      if (caller.grants === undefined || caller.kind === "outside") return false;
      const narrow = await mountSource({ ...caller, grants: undefined }, digest, from);
      return narrow !== undefined && (await holdsBlob(parts, narrow, digest)) ? { narrow } : false;
    },

    async purge(before) {
      let ended = 0;
      const failed: unknown[] = [];
      // One that can't be removed now is found below by the next purge; it holds up no other.
      const abort = (handle: UploadHandle) =>
        store.abort(handle).catch((error: unknown) => void failed.push(error));
      for (;;) {
        const expired = await expire(before);
        for (const { id, handle } of expired) {
          hashes.drop(id);
          await abort(handle);
        }
        ended += expired.length;
        if (expired.length < purgeStep) break;
      }
      for await (const handle of store.staleUploads(before))
        if (!(await uploads.knows(handle))) {
          await abort(handle);
          ended++;
        }
      if (failed.length > 0) throw failed[0];
      return ended;
    },

    async stale(before) {
      let count = await uploads.stale(before);
      for await (const handle of store.staleUploads(before)) if (!(await uploads.knows(handle))) count++;
      return count;
    },
  };
}
