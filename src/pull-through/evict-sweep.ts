import { setImmediate as breath } from "node:timers/promises";
import type { CachedContent, CachedPiece } from "#core/metadata/cached-content.ts";
import type { Digest } from "#oci/digest.ts";
import type { Pins } from "./evict-pins.ts";

/** Goes through what is cached from cold to warm, over as many rounds as it takes. */
export interface Sweep {
  readonly upstream: string | undefined;
  /** The last piece looked at; nothing before it needs to be looked at again. */
  after: CachedPiece | undefined;
  /** When (ms) it first came to the end; what has cooled down since comes behind it. */
  endedAt: number | undefined;
}

export interface SweepParts {
  cached: Pick<CachedContent, "coldest" | "evict" | "holder">;
  pins: Pins;
  now: number;
  /** Pulled since (ms): somebody may be amid it. */
  before: number;
  signal: AbortSignal;
}

/** What one round may still do, and has done. */
export interface RoundWork {
  /** Pieces that may still be looked at. */
  looks: number;
  bytes: number;
  pieces: number;
}

/** Of one page and one transaction. */
const batch = 200;

/**
 * Evicts the coldest pieces that aren't pinned until `need` bytes are gone from the upstreams that count together.
 * @returns "end": nothing is left to look at. "more": enough went, or the round's work is done.
 */
export async function sweepOn(
  sweep: Sweep,
  need: number,
  counted: readonly string[],
  parts: SweepParts,
  work: RoundWork,
): Promise<"end" | "more"> {
  const { cached, pins, now, before, signal } = parts;
  let left = need;
  while (left > 0 && work.looks > 0 && !signal.aborted) {
    const limit = Math.min(batch, work.looks);
    const page = await cached.coldest({ upstream: sweep.upstream, before, limit, after: sweep.after });
    let at = 0;
    while (at < page.length && left > 0) {
      const chosen: CachedPiece[] = [];
      at = await choose(page, at, chosen);
      if (chosen.length === 0) continue;
      const went = await cached.evict(chosen, now);
      work.bytes += went.bytes;
      work.pieces += went.pieces;
      left -= await freed(chosen);
    }
    work.looks -= at;
    sweep.after = page[at - 1] ?? sweep.after;
    if (at === page.length && page.length < limit) {
      sweep.endedAt ??= now;
      return "end";
    }
    await breath();
  }
  return "more";

  /** From `at` on what would do if nobody else had it. @returns where it ended */
  async function choose(page: readonly CachedPiece[], at: number, chosen: CachedPiece[]): Promise<number> {
    const digests = new Set<Digest>();
    let hoped = 0;
    for (let piece = page[at]; piece !== undefined; piece = page[++at]) {
      // Further links to what goes anyway come along.
      if (hoped >= left && !digests.has(piece.digest)) break;
      if (await pins.pinned(piece)) continue;
      chosen.push(piece);
      if (piece.kind === "manifest" || !digests.has(piece.digest)) hoped += piece.size;
      digests.add(piece.digest);
    }
    return at;
  }

  /** Bytes that are gone: a blob's only when no repository of the upstreams that count has it any more. */
  async function freed(chosen: readonly CachedPiece[]): Promise<number> {
    const blobs = new Map<Digest, number>();
    let bytes = 0;
    for (const { kind, digest, size } of chosen)
      if (kind === "manifest") bytes += size;
      else blobs.set(digest, size);
    for (const [digest, size] of blobs) if (!(await isHeld(digest))) bytes += size;
    return bytes;
  }

  async function isHeld(digest: Digest): Promise<boolean> {
    for (const upstream of counted) if ((await cached.holder(upstream, digest)) !== undefined) return true;
    return false;
  }
}
