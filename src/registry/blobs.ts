import type { AuditActor } from "#core/audit.ts";
import type { BlobStore, Link, LinkRequest, Location, OpenBlob } from "#core/blob-store.ts";
import { blobInUse } from "#core/blob-in-use.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts, Repositories } from "#core/metadata/repositories.ts";
import type { Clock } from "#core/clock.ts";
import { algorithmOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { blobUnknown } from "./faults.ts";
import { createTouch, type Touch } from "./touch.ts";

export interface Blobs {
  /**
   * Facts of a blob that the repository links and the store really has, for who relies on them from now on: what no
   * manifest names yet stays for another grace period. Throws blob-unknown.
   */
  stat(repository: RepositoryName, digest: Digest): Promise<BlobFacts>;
  /**
   * Opens a blob for reading; the caller closes it. Throws blob-unknown. What the store holds with
   * another size than recorded is damaged: it is put in quarantine and answered as unknown, so that
   * clients push it again, which heals it.
   */
  open(repository: RepositoryName, digest: Digest): Promise<{ facts: BlobFacts; blob: OpenBlob }>;
  /**
   * A place that the client can be sent to for a blob, with its facts; undefined: there is none, or reads
   * are to be verified, which only `open` does. Throws blob-unknown, with the same quarantine as `open`.
   */
  link(
    repository: RepositoryName,
    digest: Digest,
    request: LinkRequest,
  ): Promise<{ facts: BlobFacts; link: Link } | undefined>;
  /** Takes the blob out of the repository. Throws blob-unknown, blob-in-use (names the manifest). */
  remove(repository: RepositoryName, digest: Digest, by: AuditActor | undefined): Promise<void>;
}

export interface BlobsParts {
  store: BlobStore;
  repositories: Repositories;
  /** Undefined: nobody relies on what `stat` says. */
  touch?: Touch | undefined;
  clock: Clock;
  /** Hash whole reads and break them off before the last bytes when they don't match. */
  verifyReads: boolean;
}

/** A blob that many pull at once is looked for in the object storage once in so long, ms; the client would notice, too. */
const seenFor = 60_000;
const mostSeen = 10_000;
/** Of one blob, while a request looks for it. */
const mostMoves = 3;

export function createBlobs(parts: BlobsParts): Blobs {
  const { store, repositories, touch = createTouch(undefined), clock, verifyReads } = parts;

  async function linked(repository: RepositoryName, digest: Digest): Promise<BlobFacts> {
    const facts = await repositories.blob(repository, digest);
    if (facts === undefined || facts.damaged) throw blobUnknown(repository, digest);
    return facts;
  }

  /**
   * What `look` finds at the blob's location. Undefined: nothing that is right; then the location is put in
   * quarantine. Where the blob lies elsewhere by now it was moved in between, and is looked for there.
   */
  async function found<T>(
    repository: RepositoryName,
    digest: Digest,
    look: (facts: BlobFacts) => Promise<T | undefined>,
  ): Promise<T> {
    for (let tries = 0; tries < mostMoves; tries++) {
      const facts = await linked(repository, digest);
      const seen = await look(facts);
      if (seen !== undefined) return seen;
      await repositories.quarantine(digest, facts.location);
    }
    throw blobUnknown(repository, digest);
  }

  /** Blobs that clients were sent to the object storage for, and when they were last seen there in their size. */
  const seen = createBoundedMap<Location, number>(mostSeen);

  const looked = (repository: RepositoryName, digest: Digest) =>
    found(repository, digest, async (facts) => {
      const size = await store.stat(facts.location);
      return size === facts.size ? facts : undefined;
    });

  return {
    async stat(repository, digest) {
      const facts = await looked(repository, digest);
      if (!(await touch(repository, "blob", digest))) throw blobUnknown(repository, digest);
      return facts;
    },

    async link(repository, digest, request) {
      if (verifyReads) return undefined;
      const known = await linked(repository, digest);
      const at = seen.get(known.location);
      const fresh = at !== undefined && Math.abs(clock() - at) < seenFor;
      const facts = fresh ? known : await looked(repository, digest);
      const link = await store.link(facts.location, request);
      if (link?.kind === "url" && !fresh) seen.set(facts.location, clock());
      return link && { facts, link };
    },

    async open(repository, digest) {
      const { facts, blob } = await found(repository, digest, async (facts) => {
        const blob = await store.open(facts.location).catch((error: unknown) => {
          if (error instanceof AppError && error.code === "blob-damaged") return undefined;
          throw error;
        });
        if (blob === undefined || blob.size === facts.size) return blob && { facts, blob };
        await blob.close();
        return undefined;
      });
      if (!verifyReads) return { facts, blob };
      const quarantine = () => repositories.quarantine(facts.digest, facts.location);
      return { facts, blob: verified(blob, facts, quarantine) };
    },

    async remove(repository, digest, by) {
      const done = await repositories.unlinkBlob(repository, digest, clock(), by);
      if (done.outcome === "unknown") throw blobUnknown(repository, digest);
      if (done.outcome === "in-use") throw blobInUse(repository, digest, done.manifest);
    },
  };
}

/** The same blob, with whole reads hashed: the last chunk is held back until the digest is known. */
function verified(blob: OpenBlob, facts: BlobFacts, quarantine: () => Promise<void>): OpenBlob {
  return {
    size: blob.size,
    close: () => blob.close(),
    [Symbol.asyncDispose]: () => blob.close(),
    async *read(start, end) {
      if (start !== 0 || end !== blob.size - 1) {
        yield* blob.read(start, end);
        return;
      }
      const algorithm = algorithmOf(facts.digest);
      const hash = hasher(algorithm);
      let left = blob.size;
      for await (const chunk of blob.read(start, end)) {
        hash.update(chunk);
        left -= chunk.length;
        if (left === 0 && digestSoFar(algorithm, hash) !== facts.digest) {
          await quarantine();
          throw new AppError("blob-damaged", `blob ${facts.digest} is damaged in storage`, {
            subject: facts.digest,
          });
        }
        yield chunk;
      }
    },
  };
}
