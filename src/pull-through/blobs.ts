/**
 * Blobs of upstreams: what is here is served like any blob; what isn't is fetched once, and read while it comes.
 */
import type { Link, LinkRequest, OpenBlob } from "#core/blob-store.ts";
import type { BlobSize, CacheMark, Sourced } from "#core/source.ts";
import { createExpiringKeys } from "#kit/expiring-keys.ts";
import type { Digest } from "#oci/digest.ts";
import type { Fetches } from "./fetches.ts";
import { isCode, noBlob } from "./faults.ts";
import { openGrowing } from "./growing-blob.ts";
import { openWhole } from "./open-whole.ts";
import type { PullThroughParts } from "./parts.ts";
import { twice } from "./twice.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

export interface CachedBlobs {
  /** Whether it is here. */
  stored(place: UpstreamPlace, digest: Digest): Promise<boolean>;
  /** Throws blob-unknown, upstream-*. What isn't here is asked for, not fetched. */
  stat(place: UpstreamPlace, digest: Digest): Promise<Sourced<BlobSize>>;
  /** The caller closes the blob. Throws blob-unknown, upstream-*, storage-*. */
  open(place: UpstreamPlace, digest: Digest): Promise<Sourced<{ facts: BlobSize; blob: OpenBlob }>>;
  /** Where the client can be sent to; undefined: nowhere, or it isn't here yet. */
  link(
    place: UpstreamPlace,
    digest: Digest,
    request: LinkRequest,
  ): Promise<Sourced<{ facts: BlobSize; link: Link }> | undefined>;
}

const mostMissing = 20_000;
const miss: CacheMark = { state: "MISS", age: 0 };

export function createCachedBlobs(parts: PullThroughParts, fetches: Fetches): CachedBlobs {
  const { local, links, clock, pulls, signal } = parts;
  /** By HEAD. */
  const missing = createExpiringKeys(mostMissing, clock);

  /** What is stored; undefined: nothing (that is right). */
  async function stored<T>(look: Promise<T>): Promise<T | undefined> {
    try {
      return await look;
    } catch (error) {
      if (isCode(error, "blob-unknown")) return undefined;
      throw error;
    }
  }

  const hit = ({ linkedAt }: { linkedAt?: number }): CacheMark => ({
    state: "HIT",
    age: linkedAt === undefined ? 0 : Math.max(0, clock() - linkedAt),
  });

  async function openStored(place: UpstreamPlace, digest: Digest) {
    const found = await stored(local.blobs.open(place.cached, digest));
    if (found === undefined) throw noBlob(place, digest);
    return found;
  }

  return {
    stored: async (place, digest) => (await stored(local.blobs.stat(place.cached, digest))) !== undefined,

    async stat(place, digest) {
      const facts = await stored(local.blobs.stat(place.cached, digest));
      if (facts !== undefined) return { digest, size: facts.size, cache: hit(facts) };
      const key = `${place.cached} ${digest}`;
      if (place.upstream.offline || missing.has(key)) throw noBlob(place, digest);
      try {
        const size = await twice(() => {
          const { client, blobs } = links.of(place.upstream.name);
          return blobs.ask(() => client.blobSize(place.remote, digest, signal));
        });
        if (size !== undefined) return { digest, size, cache: miss };
      } catch (error) {
        if (!isCode(error, "upstream-unknown")) throw error;
        missing.set(key, place.upstream.missing_ttl);
        throw noBlob(place, digest);
      }
      // An upstream that doesn't tell sizes: only the blob itself does.
      await fetches.of(place, digest).done;
      const fetched = await stored(local.blobs.stat(place.cached, digest));
      if (fetched === undefined) throw noBlob(place, digest);
      return { digest, size: fetched.size, cache: miss };
    },

    async open(place, digest) {
      const found = await stored(local.blobs.open(place.cached, digest));
      if (found !== undefined) {
        // What only comes now counts as pulled when it came; what never does is worth no note.
        pulls.note(place.cached, digest);
        return { ...found, cache: hit(found.facts) };
      }
      const fetch = fetches.of(place, digest);
      const { size, file } = await fetch.begun;
      const whole = await fetch.whole;
      if (whole !== undefined)
        return { facts: { digest, size: whole.length }, blob: openWhole(whole), cache: miss };
      if (size === undefined || file === undefined) {
        await fetch.done;
        return { ...(await openStored(place, digest)), cache: miss };
      }
      const again = () => fetches.of(place, digest);
      const blob = openGrowing(fetch, size, again, async () => (await openStored(place, digest)).blob);
      return { facts: { digest, size }, blob, cache: miss };
    },

    async link(place, digest, request) {
      const found = await stored(local.blobs.link(place.cached, digest, request));
      if (found === undefined) return undefined;
      pulls.note(place.cached, digest);
      return { ...found, cache: hit(found.facts) };
    },
  };
}
