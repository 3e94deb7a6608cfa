/**
 * Re-reads everything that is recorded: every blob's bytes, every manifest's, what each manifest names, and whether
 * metadata's facts agree. Damage is named, put in quarantine (clients see such a blob as missing and push it again)
 * and set right where the bytes are to be had elsewhere: from the upstream they came from, or from another copy in
 * the stores. Runs next to servers; owns nothing but the position that it tells.
 * Flow: blobs by digest → repositories by name (manifests, then facts) → copies of what is lost → what is left.
 */
import { inParallel } from "#kit/in-parallel.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createScrubBlobs, type LostBlob, type ScrubBlobs } from "./scrub-blobs.ts";
import { findCopies } from "./find-copies.ts";
import { scrubOwners } from "./scrub-facts.ts";
import type { ScrubParts } from "./scrub-parts.ts";
import { createScrubReport, type ScrubReport, type ScrubWriter } from "./scrub-report.ts";
import { scrubRepository, type LackingBlob } from "./scrub-repository.ts";
import { settleDamage } from "./settle-damage.ts";

/** Where a round is: what was dealt with before needn't be looked at again. */
export interface ScrubPosition {
  step: "blobs" | "repositories" | "copies";
  /** The last digest or name that was dealt with; empty: none of this step. */
  at: string;
}

export interface ScrubOrder {
  /** Undefined: everything, from a position on. */
  repositories: readonly RepositoryName[] | undefined;
  from: ScrubPosition | undefined;
  /** Blobs read at the same time. */
  parallel: number;
  /** Compare what is counted of accounts, which reads all links in one go. */
  owners: boolean;
  /** Told where it is, after each page. */
  tell(position: ScrubPosition, report: ScrubReport): Promise<void>;
}

const page = 200;
const mostRemembered = 1_000;

/** Throws the signal's reason when it is aborted, and unavailable when the store seems to be another. */
export async function scrub(parts: ScrubParts, order: ScrubOrder): Promise<ScrubReport> {
  const writer = createScrubReport();
  const { report } = writer;
  const lost: LostBlob[] = [];
  const lacking: LackingBlob[] = [];
  const blobs = createScrubBlobs(parts, writer, lost);
  if (parts.repair) await settleDamage(parts);
  if (order.repositories !== undefined) {
    for (const repository of order.repositories) {
      await blobsOf(parts, repository, blobs);
      await scrubRepository(parts, repository, writer, lacking);
    }
    await blobs.end();
  } else {
    await everything(parts, order, blobs, report, (repository) =>
      scrubRepository(parts, repository, writer, lacking),
    );
    if (order.owners) await scrubOwners(parts, writer);
  }
  if (parts.repair) {
    await order.tell({ step: "copies", at: "" }, report);
    if (order.from !== undefined) await rememberLost(parts, writer, lost);
    await findCopies(parts, lost, lacking, writer);
    await settleDamage(parts);
  }
  return report;
}

/** What an earlier part of this round found: it ended before copies were looked for. */
async function rememberLost(
  { housekeeping, repositories }: ScrubParts,
  writer: ScrubWriter,
  lost: LostBlob[],
): Promise<void> {
  const known = new Set(lost.map(({ facts }) => facts.digest));
  for (const { digest, kind, repository, why } of await housekeeping.damage(mostRemembered)) {
    if (kind !== "blob" || repository !== undefined || known.has(digest)) continue;
    const facts = await repositories.recordedBlob(digest);
    if (facts?.damaged !== true) continue;
    const fault = writer.found({ kind, digest, why, of: [] });
    writer.quarantined(fault);
    lost.push({ facts, fault });
  }
}

async function everything(
  parts: ScrubParts,
  { from, parallel, tell }: ScrubOrder,
  blobs: ScrubBlobs,
  report: ScrubReport,
  repository: (name: RepositoryName) => Promise<void>,
): Promise<void> {
  const { repositories, checks, signal } = parts;
  if (from === undefined || from.step === "blobs")
    for (let last: string | undefined = from?.at; ;) {
      const found = await repositories.recordedBlobs({ limit: page, last });
      // Small groups, so that the position is never far behind.
      for (let i = 0; i < found.length; i += parallel) {
        signal.throwIfAborted();
        const group = found.slice(i, i + parallel);
        await inParallel(group, parallel, (facts) => blobs.scrub(facts));
        await tell({ step: "blobs", at: group.at(-1)?.digest ?? "" }, report);
      }
      last = found.at(-1)?.digest;
      if (found.length < page) break;
    }
  await blobs.end();
  if (from?.step === "copies") return;
  for (let last = from?.step === "repositories" ? from.at : undefined; ;) {
    const names = await checks.repositories({ limit: page, last });
    for (const name of names) {
      signal.throwIfAborted();
      await repository(name);
      await tell({ step: "repositories", at: name }, report);
    }
    last = names.at(-1);
    if (names.length < page) break;
  }
}

async function blobsOf(
  { checks, signal }: ScrubParts,
  repository: RepositoryName,
  blobs: ScrubBlobs,
): Promise<void> {
  for (let after: number | undefined; ;) {
    const links = await checks.links(repository, after, page);
    for (const { blob } of links) {
      signal.throwIfAborted();
      if (blob !== undefined) await blobs.scrub(blob);
    }
    after = links.at(-1)?.id;
    if (links.length < page) return;
  }
}
