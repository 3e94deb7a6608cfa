import type { OpenBlob } from "#core/blob-store.ts";
import type { Content } from "#core/engine/content.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { HeldManifest, Holds } from "./holds.ts";
import type { OwnBlobs } from "#core/engine/own-blobs.ts";

/** Content as the registries' side of the engine has it. */
export interface KeptContent extends Content {
  /** Until it is disposed, and a moment longer, a sweep leaves these. */
  pin(digests: Iterable<Digest>): Disposable;
}

export interface ContentParts {
  own: OwnBlobs;
  holds: Holds;
  /** ms since the epoch. */
  clock: () => number;
}

/** ms; what came in between may be on its way into the image list. */
const young = 60_000;

/**
 * The engine's content: its own blobs, and what it holds of this registry's. Bytes that are in both are read from its
 * own folder.
 */
export function createContent({ own, holds, clock }: ContentParts): KeptContent {
  const pins = new Set<readonly Digest[]>();
  /** When (ms) the last pin on it went. */
  const unpinned = new Map<Digest, number>();

  function pin(digests: Iterable<Digest>): Disposable {
    const all = [...digests];
    pins.add(all);
    return {
      [Symbol.dispose]() {
        if (!pins.delete(all)) return;
        for (const digest of all) unpinned.set(digest, clock());
      },
    };
  }

  /** @param before ms; what was let go earlier isn't pinned any more */
  function pinnedSince(before: number): ReadonlySet<Digest> {
    for (const [digest, at] of unpinned) if (at < before) unpinned.delete(digest);
    return new Set([...[...pins].flat(), ...unpinned.keys()]);
  }

  async function open(digest: Digest): Promise<OpenBlob | undefined> {
    return (await own.open(digest)) ?? (await holds.open(digest));
  }

  async function sweepOwn(stays: (digest: Digest) => boolean, before: number): Promise<number> {
    let freed = 0;
    for await (const { digest, size, addedAt } of own.list()) {
      if (stays(digest) || addedAt >= before) continue;
      await own.remove(digest);
      freed += size;
    }
    return freed;
  }

  return {
    pin,
    open,

    async read(digest, most) {
      await using blob = await open(digest);
      if (blob === undefined) return undefined;
      if (blob.size > most)
        throw new AppError(
          "engine-invalid",
          `content ${digest} has ${blob.size} bytes, ${most} at most are read`,
        );
      const bytes = new Uint8Array(blob.size);
      let at = 0;
      for await (const chunk of blob.read(0, blob.size - 1)) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      return bytes;
    },

    async has(digest) {
      if ((await own.size(digest)) !== undefined) return true;
      await using blob = await holds.open(digest);
      return blob !== undefined;
    },

    add: (digest, body) => own.add(digest, body),

    async sweep(needed) {
      const before = clock() - young;
      const pinned = pinnedSince(before);
      const stays = (digest: Digest) => needed.has(digest) || pinned.has(digest);
      const held = await holds.list();
      const kept = new Set<Digest>();
      for await (const { digest } of own.list()) kept.add(digest);
      await holds.release(released(held, stays, before, kept));
      return { freed: await sweepOwn(stays, before) };
    },
  };
}

/**
 * Of what is held that which may go. An image that isn't needed is held on for a layer that another one needs, unless
 * that is kept elsewhere. @param kept what is kept elsewhere; grows.
 */
function released(
  held: readonly HeldManifest[],
  stays: (digest: Digest) => boolean,
  before: number,
  kept: Set<Digest>,
): HeldManifest[] {
  const isNeeded = ({ digest, heldAt }: HeldManifest) => stays(digest) || heldAt >= before;
  for (const one of held.filter(isNeeded)) for (const blob of one.blobs) kept.add(blob);
  return held.filter((one) => {
    if (isNeeded(one)) return false;
    const lastKeeper = one.blobs.some((blob) => stays(blob) && !kept.has(blob));
    if (lastKeeper) for (const blob of one.blobs) kept.add(blob);
    return !lastKeeper;
  });
}
