import type { Garbage, LooseLink } from "#core/metadata/garbage.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { Round } from "./round.ts";

interface BlobParts {
  garbage: Pick<Garbage, "looseLinks" | "dropLinks" | "looseBlobs" | "dropBlobs">;
  repositories: Pick<Repositories, "holders">;
}

/** Without a link, looked at by one dry run. */
const mostUnlinked = 100_000;
/** Blobs that several repositories link, remembered by one dry run. */
const mostShared = 100_000;

/** Takes away the links that no manifest names, past their grace, then what is linked by nobody: its bytes wait. */
export async function collectBlobs({ garbage, repositories }: BlobParts, round: Round): Promise<void> {
  const { rules, past, pushing, clock, dry, pace, tally } = round;
  const before = past(rules.grace);
  const shared = new Map<Digest, { links: number; size: number }>();
  let after: LooseLink | undefined;
  for (;;) {
    const limit = pace.rows();
    const page = await garbage.looseLinks(before, limit, after);
    const links = page.filter(({ repository, unreferencedAt }) => !pushing(repository, unreferencedAt));
    if (links.length > 0) {
      const dropped = dry
        ? { count: links.length, bytes: own(links, shared) }
        : await garbage.dropLinks(links, before, clock());
      tally.add("unused", dropped.count, dropped.bytes);
      for (const { repository, digest } of links) tally.show("unused", repository, digest);
    }
    after = page.at(-1);
    await pace.breathe();
    if (page.length < limit) break;
  }
  if (dry) await addShared(repositories, shared, round);
  await collectUnlinked(garbage, before, round);
}

/** Bytes of those that nobody else links; the others are remembered. */
function own(links: readonly LooseLink[], shared: Map<Digest, { links: number; size: number }>): number {
  let bytes = 0;
  for (const { digest, size, shared: elsewhere } of links)
    if (!elsewhere) bytes += size;
    else if (shared.size < mostShared || shared.has(digest))
      shared.set(digest, { links: (shared.get(digest)?.links ?? 0) + 1, size });
  return bytes;
}

/** Blobs whose links all go, in whatever repositories. */
async function addShared(
  repositories: BlobParts["repositories"],
  shared: ReadonlyMap<Digest, { links: number; size: number }>,
  { pace, tally }: Round,
): Promise<void> {
  for (const [digest, { links, size }] of shared) {
    if (links < 2) continue;
    const holders = await repositories.holders(digest, { limit: links + 1, last: undefined });
    if (holders.length === links) tally.add("unused", 0, size);
    await pace.breathe();
  }
}

async function collectUnlinked(
  garbage: BlobParts["garbage"],
  before: number,
  { clock, dry, pace, tally }: Round,
): Promise<void> {
  for (;;) {
    const limit = dry ? mostUnlinked : pace.rows();
    const blobs = await garbage.looseBlobs(before, limit);
    if (blobs.length === 0) return;
    const dropped = dry
      ? { count: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0) }
      : await garbage.dropBlobs(blobs, before, clock());
    tally.add("unused", dropped.count, dropped.bytes);
    for (const { digest } of blobs) tally.show("unused", undefined, digest);
    await pace.breathe();
    // Those that came back to life meanwhile come no more; without progress there is nothing to wait for.
    if (blobs.length < limit || dropped.count === 0) return;
  }
}
