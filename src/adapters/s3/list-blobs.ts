/**
 * The blobs in the bucket; see BlobStore.list. A list of the bucket has names, sizes and times; a blob's digest is in
 * its tag, in the marker beside it, or, where its commit broke off before either, in its bytes.
 */
import type { KnownBeginnings, StoredBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { inParallel } from "#kit/in-parallel.ts";
import { digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import type { CommitRoom } from "./commit.ts";
import { locationOf, type ObjectName } from "./layout.ts";
import { openBlob } from "./open-blob.ts";

const what = "The stored blobs could not be listed";
/** Names that are asked about at once. */
const page = 500;
/** Requests about single objects at the same time. */
const atOnce = 16;
/** Names remembered of one listing; where there are more, strays without a marker wait for the next. */
const mostTold = 50_000;

interface Found {
  name: ObjectName;
  key: string;
  digest: Digest | undefined;
  size: number | undefined;
  writtenAt: number;
}

/** @param untoldFor for so long (ms) an object without its digest may be one whose commit is just about to tell it */
export async function* listBlobs(
  room: CommitRoom,
  untoldFor: number,
  known: KnownBeginnings | undefined,
): AsyncGenerator<StoredBlob, void, void> {
  const told = new Set<ObjectName>();
  if (room.marker === "object") {
    for await (const found of pages(markers(room)))
      for (const blob of await factsOf(room, await unknown(found, known), sizeOf)) {
        if (told.size < mostTold) told.add(nameIn(blob));
        yield blob;
      }
    // What has no marker is nobody's: only who asks for strays hears of it.
    if (known === undefined || told.size >= mostTold) return;
  }
  for await (const found of pages(objects(room))) {
    const left = (await unknown(found, known)).filter(({ name }) => !told.has(name));
    yield* await factsOf(room, left, (room, one) => digestOf(room, one, untoldFor));
  }
}

async function* objects({ bucket, layout }: CommitRoom): AsyncGenerator<Found, void, void> {
  for await (const { key, size, modified } of bucket.list(what, layout.blobs)) {
    const name = layout.nameOf(key);
    if (name !== undefined) yield { name, key, digest: undefined, size, writtenAt: modified };
  }
}

async function* markers({ bucket, layout }: CommitRoom): AsyncGenerator<Found, void, void> {
  for await (const { key, modified } of bucket.list(what, layout.markers)) {
    const place = layout.marked(key);
    if (place !== undefined) yield { ...place, size: undefined, writtenAt: modified };
  }
}

async function* pages(found: AsyncIterable<Found>): AsyncGenerator<Found[], void, void> {
  let some: Found[] = [];
  for await (const one of found) {
    some.push(one);
    if (some.length < page) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

async function unknown(found: readonly Found[], known: KnownBeginnings | undefined): Promise<Found[]> {
  const skipped = await known?.(found.map(beginningOf));
  return found.filter((one) => skipped?.has(beginningOf(one)) !== true);
}

const beginningOf = ({ name, digest }: Found) =>
  digest === undefined ? `${name}@` : locationOf(name, digest);
const nameIn = ({ location }: StoredBlob) => location.slice(0, location.indexOf("@")) as ObjectName;

/** Those that are (still) there, in their order. */
async function factsOf(
  room: CommitRoom,
  found: readonly Found[],
  complete: (room: CommitRoom, one: Found) => Promise<Found | undefined>,
): Promise<StoredBlob[]> {
  const facts: (StoredBlob | undefined)[] = [];
  await inParallel(found.entries(), atOnce, async ([index, one]) => {
    const { name, digest, size, writtenAt } = (await complete(room, one)) ?? one;
    if (digest !== undefined && size !== undefined)
      facts[index] = { location: locationOf(name, digest), digest, size, writtenAt };
  });
  return facts.filter((one) => one !== undefined);
}

async function sizeOf({ bucket }: CommitRoom, one: Found): Promise<Found | undefined> {
  const object = await bucket.head(what, one.key);
  return object && { ...one, size: object.size, writtenAt: object.modified };
}

async function digestOf(room: CommitRoom, one: Found, untoldFor: number): Promise<Found | undefined> {
  const told = room.marker === "tag" ? await room.bucket.tagged(what, one.key) : undefined;
  if (told !== undefined) return { ...one, digest: told };
  if (one.writtenAt > Date.now() - untoldFor) return undefined;
  return { ...one, digest: await hashed(room, one) };
}

/** What its bytes are; undefined: it is gone. */
async function hashed(
  { bucket, patience }: CommitRoom,
  { key, size = 0 }: Found,
): Promise<Digest | undefined> {
  const hash = hasher("sha256");
  try {
    await using blob = await openBlob(bucket, { key, digest: "of an unfinished commit" as Digest }, patience);
    if (size > 0) for await (const chunk of blob.read(0, size - 1)) hash.update(chunk);
  } catch (error) {
    if (error instanceof AppError && error.code === "blob-damaged") return undefined;
    throw error;
  }
  return digestSoFar("sha256", hash);
}
