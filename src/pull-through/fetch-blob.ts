import { AppError } from "#core/errors.ts";
import type { GrowingStart } from "#core/fetch-relay.ts";
import type { SpoolFile } from "#core/spool.ts";
import type { Growth } from "#kit/growth.ts";
import { algorithmOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import { isCode, noBlob, wrongBytes } from "./faults.ts";
import type { PullThroughParts } from "./parts.ts";
import { twice } from "./twice.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

/** Up to so many bytes are kept in memory and stored in one go. */
const smallLimit = 128 * 1024;
/** Times in a row that an upstream may break off without having got on. */
const mostBreaks = 4;
/** What counts as having got on: one that sends a few bytes at a time would take for ever. */
const headway = 64 * 1024;
/** Breaks in all. */
const mostResumes = 100;

/** What is told while a blob is fetched. */
export interface FetchTold {
  growth: Growth;
  begun(start: GrowingStart, file: SpoolFile | undefined): void;
}

/**
 * Fetches one blob into the place's cached repository: from another cached repository of the same upstream, where the
 * upstream says that this one has it too; else its bytes, which are proved before the last of them may be read.
 * Resolves when it is durable. Throws blob-unknown, upstream-*, storage-*.
 */
export async function fetchBlob(
  parts: PullThroughParts,
  place: UpstreamPlace,
  digest: Digest,
  told: FetchTold,
): Promise<void> {
  const expected = await sizeNamed(parts, place, digest);
  if (await mounted(parts, place, digest, expected)) return;
  const { client, blobs } = parts.links.of(place.upstream.name);
  const what = `blob ${digest}`;
  const open = (from: number) => blobs.ask(() => client.blob(place.remote, digest, from, parts.signal));
  let answer = await twice(() => open(0));
  const size = expected ?? answer.size;
  const most = size ?? place.upstream.max_blob;
  const algorithm = algorithmOf(digest);
  const hash = hasher(algorithm);
  let sink: Sink | undefined;
  let received = 0;
  let breaks = 0;
  try {
    if (answer.size !== undefined && answer.size !== size)
      throw wrongBytes(place, what, `it has ${answer.size} bytes instead of ${size}`);
    if (most > place.upstream.max_blob)
      throw wrongBytes(place, what, `${most} bytes are more than upstreams[].max_blob lets in`);
    sink = await createSink(parts, size, told);
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
          await sink.write(fresh);
          received += fresh.length;
          // The last byte waits for the proof.
          if (size !== undefined) told.growth.grow(Math.min(received, size - 1));
        }
        if (size === undefined || received === size) break;
        throw short(place, what, received, size);
      } catch (error) {
        breaks = received - before >= headway ? 0 : breaks + 1;
        if (!isCode(error, "upstream-failed") || breaks > mostBreaks || resumes >= mostResumes) throw error;
      }
      answer = await reopened(open, received);
    }
    const found = digestSoFar(algorithm, hash);
    if (found !== digest) throw wrongBytes(place, what, `its bytes are ${found}`);
    if (size !== undefined) told.growth.grow(size);
    await sink.keep(place, digest, received);
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
      }
    }
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
  const size = await blobs.ask(() => client.blobSize(place.remote, digest, signal));
  if (size !== undefined && expected !== undefined && size !== expected)
    throw wrongBytes(place, `blob ${digest}`, `it has ${size} bytes instead of ${expected}`);
  return ingest.mountBlob(place.cached, digest, holder);
}

/** A body that nobody reads (on) must not hold its connection. */
async function letGo(body: AsyncIterable<Uint8Array>): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

type Sink = Awaited<ReturnType<typeof createSink>>;

/** Where the bytes go: memory for what is small, else a file that others read meanwhile. */
async function createSink({ ingest }: PullThroughParts, size: number | undefined, told: FetchTold) {
  if (size !== undefined && size <= smallLimit) {
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    told.begun({ size, file: undefined }, undefined);
    return {
      write(chunk: Uint8Array): Promise<void> {
        bytes.set(chunk, filled);
        filled += chunk.length;
        return Promise.resolve();
      },
      keep: (place: UpstreamPlace, digest: Digest) => ingest.addSmallBlob(place.cached, digest, bytes),
      abort: () => Promise.resolve(),
    };
  }
  const file = await ingest.begin();
  told.begun(
    { size, file: size === undefined ? undefined : file.name },
    size === undefined ? undefined : file,
  );
  return {
    write: (chunk: Uint8Array) => file.write(chunk),
    keep: (place: UpstreamPlace, digest: Digest, length: number) =>
      ingest.addBlob(place.cached, digest, length, file),
    abort: () => file.abort(),
  };
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
