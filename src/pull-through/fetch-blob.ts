import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#core/errors.ts";
import { algorithmOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import { createBlobSink, type BlobSink, type BlobTold } from "./blob-sink.ts";
import { isCode, noBlob, wrongBytes } from "./faults.ts";
import type { PullThroughParts } from "./parts.ts";
import { twice } from "./twice.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

/** Bytes of a blob whose size neither a manifest nor the upstream says. */
const unsaidLimit = 4 * 1024 ** 3;
/** Times in a row that an upstream may break off without having got on. */
const mostBreaks = 4;
/** What counts as having got on: one that sends a few bytes at a time would take for ever. */
const headway = 64 * 1024;
/** Before it is asked again when it couldn't be asked to go on, ms; then twice as long: it may just be restarting. */
const firstWait = 250;
const longestWait = 5_000;
/** Breaks in all. */
const mostResumes = 100;

/**
 * Fetches one blob into the place's cached repository: from another cached repository of the same upstream, where the
 * upstream says that this one has it too; else its bytes, which are proved before the last of them may be read.
 * Resolves when it is durable. Throws blob-unknown, upstream-*, storage-*.
 */
export async function fetchBlob(
  parts: PullThroughParts,
  place: UpstreamPlace,
  digest: Digest,
  told: BlobTold,
): Promise<void> {
  // Who asks may have looked a moment before the last fetch ended.
  if (await isHere(parts, place, digest)) return;
  const expected = await sizeNamed(parts, place, digest);
  if (await mounted(parts, place, digest, expected)) return;
  const what = `blob ${digest}`;
  // Looked for anew each time: when the upstream's configuration changes, the client it had ends what it sends.
  const open = (from: number) => {
    const { client, blobs } = parts.links.of(place.upstream.name);
    return blobs.ask(() => client.blob(place.remote, digest, from, parts.signal));
  };
  let answer = await twice(() => open(0));
  const size = expected ?? answer.size;
  const most = size ?? Math.min(unsaidLimit, place.upstream.max_blob);
  const algorithm = algorithmOf(digest);
  const hash = hasher(algorithm);
  let sink: BlobSink | undefined;
  let received = 0;
  let breaks = 0;
  try {
    if (answer.size !== undefined && answer.size !== size)
      throw wrongBytes(place, what, `it has ${answer.size} bytes instead of ${size}`);
    if (most > place.upstream.max_blob)
      throw wrongBytes(place, what, `${most} bytes are more than upstreams[].max_blob lets in`);
    sink = await createBlobSink(parts.ingest, size, told);
    for (let resumes = 0; ; resumes++) {
      const before = received;
      try {
        let skip = received - answer.from;
        for await (const chunk of answer.body) {
          const fresh = skip >= chunk.length ? undefined : skip > 0 ? chunk.subarray(skip) : chunk;
          skip = Math.max(0, skip - chunk.length);
          if (fresh === undefined) continue;
          if (received + fresh.length > most)
            throw wrongBytes(place, what, `it sent more than ${most} bytes`);
          hash.update(fresh);
          received += fresh.length;
          // From here on the chunk is the sink's.
          const full = sink.write(fresh);
          if (full !== undefined) await full;
        }
        if (size === undefined || received === size) break;
        throw short(place, what, received, size);
      } catch (error) {
        breaks = received - before >= headway ? 0 : breaks + 1;
        if (!isCode(error, "upstream-failed") || breaks > mostBreaks || resumes >= mostResumes) throw error;
      }
      answer = await reopened(open, received);
    }
    await sink.written();
    const found = digestSoFar(algorithm, hash);
    if (found !== digest) throw wrongBytes(place, what, `its bytes are ${found}`);
    if (size !== undefined) told.growth.grow(size);
    told.proved(sink.whole);
    await sink.keep(place.cached, digest, received);
  } catch (error) {
    await letGo(answer.body);
    await sink?.abort();
    throw error;
  }

  /** Goes on where it broke off; a first try that fails isn't the end. */
  async function reopened(again: typeof open, from: number) {
    for (;;) {
      try {
        const next = await again(from);
        if (next.from <= from) return next;
        await letGo(next.body);
        throw wrongBytes(place, what, `it went on at ${next.from} instead of ${from}`);
      } catch (error) {
        if (!isCode(error, "upstream-failed") || ++breaks > mostBreaks) throw error;
        const { retryAfter } = error as AppError;
        const wait = retryAfter === undefined ? firstWait * 2 ** (breaks - 1) : retryAfter * 1000;
        await sleep(Math.min(wait, longestWait), undefined, { signal: parts.signal });
      }
    }
  }
}

async function isHere({ local }: PullThroughParts, place: UpstreamPlace, digest: Digest): Promise<boolean> {
  try {
    await local.blobs.stat(place.cached, digest);
    return true;
  } catch (error) {
    if (isCode(error, "blob-unknown")) return false;
    throw error;
  }
}

/** What a manifest of the repository says that the blob's size is. */
async function sizeNamed(
  { cached, repositories }: PullThroughParts,
  place: UpstreamPlace,
  digest: Digest,
): Promise<number | undefined> {
  const naming = await cached.naming(place.cached, digest);
  const manifest = naming && (await repositories.manifest(place.cached, naming));
  const parsed = manifest && parseManifest(manifest.bytes, manifest.mediaType);
  if (parsed === undefined || "fault" in parsed) return undefined;
  return parsed.manifest.blobs.find((blob) => blob.digest === digest)?.size;
}

/** Links what another repository of this upstream has, when the upstream says that this one has it too. */
async function mounted(
  { cached, ingest, links, signal }: PullThroughParts,
  place: UpstreamPlace,
  digest: Digest,
  expected: number | undefined,
): Promise<boolean> {
  const holder = await cached.holder(place.upstream.name, digest);
  if (holder === undefined) return false;
  const { client, blobs } = links.of(place.upstream.name);
  const size = await blobs
    .ask(() => client.blobSize(place.remote, digest, signal))
    .catch((error: unknown) => {
      if (isCode(error, "upstream-failed")) return undefined;
      throw error;
    });
  // Some have no HEAD: that is no word that this repository has it. Asking for its bytes is.
  if (size === undefined) return false;
  if (expected !== undefined && size !== expected)
    throw wrongBytes(place, `blob ${digest}`, `it has ${size} bytes instead of ${expected}`);
  return ingest.mountBlob(place.cached, digest, holder);
}

/** A body that nobody reads (on) must not hold its connection. */
async function letGo(body: AsyncIterable<Uint8Array>): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

function short(place: UpstreamPlace, what: string, received: number, size: number): AppError {
  return new AppError(
    "upstream-failed",
    `upstream ${place.upstream.name} ended ${what} of ${place.repository} after ${received} of ${size} bytes`,
    { subject: place.repository },
  );
}

/** For the sake of who reads it: blob-unknown instead of the upstream's own words. */
export function asBlobFault(error: unknown, place: UpstreamPlace, digest: Digest): unknown {
  return isCode(error, "upstream-unknown") ? noBlob(place, digest) : error;
}
