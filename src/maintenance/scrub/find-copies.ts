import type { Location } from "#core/blob-store.ts";
import type { Digest } from "#oci/digest.ts";
import { bringFromStore } from "./bring-blob.ts";
import { takeIn } from "./link-again.ts";
import { moveIn, type LostBlob } from "./scrub-blobs.ts";
import { scrubFacts } from "./scrub-facts.ts";
import type { ScrubParts } from "./scrub-parts.ts";
import type { ScrubWriter } from "./scrub-report.ts";
import type { LackingBlob } from "./scrub-repository.ts";

/** Places tried for one blob. */
const mostTried = 5;

/**
 * Looks through all that is stored for other bytes of what is lost: what the other of two stores still has, or what
 * came twice. They are copied, proved on the way, because bytes that no row names may be on their way out.
 */
export async function findCopies(
  parts: ScrubParts,
  lost: readonly LostBlob[],
  lacking: readonly LackingBlob[],
  writer: ScrubWriter,
): Promise<void> {
  if (lost.length + lacking.length === 0) return;
  const wanted = new Map<Digest, Location[]>();
  for (const { facts } of lost) wanted.set(facts.digest, []);
  for (const { digest } of lacking) wanted.set(digest, []);
  for await (const { digest, location } of parts.store.list(parts.known)) {
    parts.signal.throwIfAborted();
    const places = wanted.get(digest);
    if (places !== undefined && places.length < mostTried) places.push(location);
  }
  for (const { facts, fault } of lost) {
    const brought = await firstSound(parts, facts.digest, wanted, facts.location);
    if (brought !== undefined && (await moveIn(parts, facts, brought))) writer.repaired(fault, brought.how);
  }
  for (const { repository, digest, fault } of lacking) {
    const brought = await firstSound(parts, digest, wanted, undefined);
    if (brought === undefined) continue;
    await takeIn(parts, repository, digest, brought);
    writer.repaired(fault, brought.how);
    // Its link is new.
    await scrubFacts(parts, repository, writer);
  }
}

async function firstSound(
  parts: ScrubParts,
  digest: Digest,
  wanted: ReadonlyMap<Digest, Location[]>,
  but: Location | undefined,
) {
  for (const location of wanted.get(digest) ?? []) {
    if (location === but) continue;
    const brought = await bringFromStore(parts, location, digest);
    if (brought !== undefined) return brought;
  }
  return undefined;
}
