import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import { algorithmOf, digestSoFar, hasher } from "#oci/digest.ts";
import { otherBytes } from "../backup/proved-bytes.ts";
import { damageText } from "../verify/damage-text.ts";
import { bringFromUpstream } from "./bring-blob.ts";
import { holdersOf, placesOf } from "./places.ts";
import type { ScrubParts } from "./scrub-parts.ts";
import type { ScrubFault, ScrubWriter } from "./scrub-report.ts";
import { createStoreIsThere } from "./store-is-there.ts";

/** A blob whose bytes are nowhere yet, and the fault that says so. */
export interface LostBlob {
  facts: BlobFacts;
  fault: ScrubFault;
}

/** What is wrong with a blob's bytes. */
interface Wrong {
  why: string;
  /** They are missing or others; else they couldn't be read, and may be right. */
  proven: boolean;
}

/** Looked for elsewhere; where there are more, the rest in the next round. */
const mostLost = 10_000;
/** Bytes hashed in one go: others wait for so long. */
const hashedAtOnce = 256 * 1024;

export interface ScrubBlobs {
  scrub(facts: BlobFacts): Promise<void>;
  /** After the last one: what was held back until it was known that the store is there. */
  end(): Promise<void>;
}

/** Reads blobs and deals with those that aren't right. @param lost those that are to be looked for elsewhere are added */
export function createScrubBlobs(parts: ScrubParts, writer: ScrubWriter, lost: LostBlob[]): ScrubBlobs {
  const { repositories, checks, housekeeping, store, quick, repair, clock, progress } = parts;
  const { report } = writer;
  const there = createStoreIsThere(parts);

  async function look({ digest, size, location }: BlobFacts): Promise<number> {
    if (quick) {
      const found = await store.stat(location);
      if (found === undefined) throw new AppError("blob-damaged", "is missing");
      if (found === size) return size;
    }
    const { found, bytes } = await hashAll(parts, store, location, algorithmOf(digest));
    report.bytes += bytes;
    if (found !== digest)
      throw bytes === size
        ? otherBytes(found)
        : new AppError("blob-damaged", `has ${bytes} bytes instead of ${size}`);
    return bytes;
  }

  async function wrongOf(facts: BlobFacts): Promise<{ size: number } | Wrong> {
    try {
      return { size: await look(facts) };
    } catch (error) {
      parts.signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      if (error.code === "blob-damaged") return { why: damageText(error), proven: true };
      const { cause, message } = error;
      if (error.code === "storage-failed")
        return { why: `can't be read (${cause instanceof Error ? cause.message : message})`, proven: false };
      throw error;
    }
  }

  /** Its row says another size than its bytes have, which are right. */
  async function wrongSize(facts: BlobFacts, size: number): Promise<void> {
    const { digest } = facts;
    const of = await placesOf(parts, await holdersOf(parts, digest), digest);
    const why = `has ${size} bytes, and ${facts.size} are recorded`;
    const fault = writer.found({ kind: "blob", digest, why, of });
    if (repair && (await checks.mendSize(digest, facts.location, size)))
      writer.repaired(fault, "size set right");
  }

  async function damaged(facts: BlobFacts, { why, proven }: Wrong): Promise<void> {
    const { digest, location } = facts;
    const holders = await holdersOf(parts, digest);
    // What no repository has any more only waits to be collected.
    if (holders.length === 0) return;
    const fault = writer.found({ kind: "blob", digest, why, of: await placesOf(parts, holders, digest) });
    if (facts.damaged) writer.quarantined(fault);
    if (!repair || !proven) return;
    await repositories.quarantine(digest, location);
    writer.quarantined(fault);
    await housekeeping.found([{ digest, kind: "blob", repository: undefined, why, foundAt: clock() }]);
    const brought = await bringFromUpstream(parts, holders, digest);
    if (brought === undefined) {
      if (lost.length < mostLost) lost.push({ facts, fault });
      return;
    }
    if (await moveIn(parts, facts, brought)) writer.repaired(fault, brought.how);
    else writer.repaired(fault, "pushed again meanwhile");
  }

  async function scrub(facts: BlobFacts): Promise<void> {
    report.blobs++;
    try {
      const first = await wrongOf(facts);
      if ("size" in first) await sound(facts, first.size);
      else await again(facts, first);
    } finally {
      progress.done();
    }
  }

  async function sound(facts: BlobFacts, size: number): Promise<void> {
    there.saw(facts);
    if (size !== facts.size) await wrongSize(facts, size);
    // Marked, though its bytes are right: they were out of reach when somebody looked.
    if (!facts.damaged || !repair || quick) return;
    const { digest, location } = facts;
    const fault = writer.found({ kind: "blob", digest, why: "was marked as damaged, and isn't", of: [] });
    await repositories.moveBlob(digest, location, location);
    await housekeeping.repaired([{ digest, kind: "blob", repository: undefined }]);
    writer.repaired(fault, "the mark was taken away");
  }

  /** Moved, replaced or evicted meanwhile: then it is looked at where it is now. */
  async function again(before: BlobFacts, first: Wrong): Promise<void> {
    const facts = await repositories.recordedBlob(before.digest);
    if (facts === undefined) return;
    const second = facts.location === before.location ? first : await wrongOf(facts);
    if ("size" in second) return sound(facts, second.size);
    if (second.proven && !(await there.isProved(facts, () => damaged(facts, second)))) return;
    await damaged(facts, second);
  }

  return { scrub, end: () => there.end() };
}

/** The bytes take the place of the damaged ones. False: others did meanwhile. */
export async function moveIn(
  { repositories, checks, housekeeping, store }: ScrubParts,
  { digest, location, size }: BlobFacts,
  brought: { location: BlobFacts["location"]; size: number },
): Promise<boolean> {
  const moved = await repositories.moveBlob(digest, location, brought.location);
  if (!moved) await store.delete(brought.location);
  else if (brought.size !== size) await checks.mendSize(digest, brought.location, brought.size);
  await housekeeping.repaired([{ digest, kind: "blob", repository: undefined }]);
  return moved;
}

async function hashAll(
  { pace, signal, progress }: ScrubParts,
  store: Pick<BlobStore, "open">,
  location: BlobFacts["location"],
  algorithm: ReturnType<typeof algorithmOf>,
): Promise<{ found: string; bytes: number }> {
  await using opened = await store.open(location);
  const hash = hasher(algorithm);
  let bytes = 0;
  if (opened.size > 0)
    for await (const chunk of opened.read(0, opened.size - 1))
      for (let at = 0; at < chunk.length; at += hashedAtOnce) {
        const piece = chunk.subarray(at, at + hashedAtOnce);
        await pace.take(piece.length, signal);
        hash.update(piece);
        bytes += piece.length;
        progress.add(piece.length);
      }
  return { found: digestSoFar(algorithm, hash), bytes };
}
