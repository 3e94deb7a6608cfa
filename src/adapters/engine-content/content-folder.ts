/**
 * The engine's own blobs: a folder of files that are named by their digest. Owns everything below `path`; knows no images
 * and no registry. Flow: a draft is written and hashed, synced, renamed to its digest.
 *
 *     PATH/drafts/<uuid>                what is being written
 *     PATH/<algorithm>/<hex>            a blob
 */
import { mkdir, open, opendir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { syncFolder } from "#kit/draft-file.ts";
import { errnoOf } from "#kit/file-calls.ts";
import { uuid } from "#kit/uuid.ts";
import {
  algorithmOf,
  digestSoFar,
  hasher,
  hexOf,
  isAlgorithm,
  parseDigest,
  type Digest,
} from "#oci/digest.ts";
import type { OwnBlobs } from "#core/engine/own-blobs.ts";
import { openContentFile } from "./open-content-file.ts";

/** Makes the folder; drafts that a killed process left are removed, since one process has it. Throws engine-failed. */
export async function createContentFolder(path: string): Promise<OwnBlobs> {
  const drafts = join(path, "drafts");
  const fileOf = (digest: Digest) => join(path, algorithmOf(digest), hexOf(digest));
  await inWords(`The folder ${path} can't be used`, async () => {
    await rm(drafts, { recursive: true, force: true });
    for (const folder of [drafts, join(path, "sha256"), join(path, "sha512")])
      await mkdir(folder, { recursive: true, mode: 0o700 });
  });

  async function write(
    draft: string,
    digest: Digest | undefined,
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ digest: Digest; size: number }> {
    const algorithm = digest === undefined ? "sha256" : algorithmOf(digest);
    const hash = hasher(algorithm);
    const file = await inWords("Content can't be written", () => open(draft, "wx", 0o600));
    let size = 0;
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        size += chunk.length;
        await inWords("Content can't be written", () => writeAll(file, chunk));
      }
      const is = digestSoFar(algorithm, hash);
      if (digest !== undefined && is !== digest)
        throw new AppError("digest-mismatch", `the bytes are ${is}, not ${digest}`, { subject: digest });
      await inWords("Content can't be written", () => file.datasync());
      return { digest: is, size };
    } finally {
      await file.close();
    }
  }

  return {
    open: (digest) => inWords("Content can't be read", () => openContentFile(fileOf(digest), digest)),

    async size(digest) {
      const found = await stat(fileOf(digest)).catch(() => undefined);
      return found?.size;
    },

    async add(digest, body) {
      const draft = join(drafts, uuid());
      try {
        const added = await write(draft, digest, body);
        const file = fileOf(added.digest);
        await inWords("Content can't be written", async () => {
          await rename(draft, file);
          await syncFolder(join(path, algorithmOf(added.digest)));
        });
        return added;
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },

    async touch(digest) {
      const now = new Date();
      // Gone: the one who needs it will see.
      await utimes(fileOf(digest), now, now).catch(() => undefined);
    },

    async *list() {
      for (const algorithm of ["sha256", "sha512"].filter(isAlgorithm))
        for await (const { name } of await opendir(join(path, algorithm))) {
          const digest = parseDigest(`${algorithm}:${name}`);
          const found = await stat(join(path, algorithm, name)).catch(() => undefined);
          if (digest !== undefined && found !== undefined)
            yield { digest, size: found.size, addedAt: found.mtimeMs };
        }
    },

    remove: (digest) => inWords("Content can't be removed", () => rm(fileOf(digest), { force: true })),
  };
}

async function writeAll(
  file: { write(bytes: Uint8Array): Promise<{ bytesWritten: number }> },
  bytes: Uint8Array,
): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(done === 0 ? bytes : bytes.subarray(done))).bytesWritten;
}

async function inWords<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const errno = errnoOf(cause);
    const why = errno === "ENOSPC" || errno === "EDQUOT" ? "no space left on device" : (errno ?? "error");
    throw new AppError("engine-failed", `${what}: ${why}`, { cause });
  }
}
