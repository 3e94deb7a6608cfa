/**
 * Manifests of upstreams: by digest for ever, by tag as fresh as the rules say. Owns when the upstream is asked and
 * what is served when it can't be. Never hands out bytes that weren't proved.
 * fresh → HIT; old → HEAD → the same: REVALIDATED, another: fetched, no answer: STALE; none → fetched.
 */
import type { ManifestFacts, StoredManifest } from "#core/metadata/repositories.ts";
import type { CachedTag } from "#core/metadata/cached-content.ts";
import type { CacheMark, Sourced } from "#core/source.ts";
import type { UpstreamManifest } from "#core/upstream.ts";
import { createExpiringKeys } from "#kit/expiring-keys.ts";
import { createSingleFlight } from "#kit/single-flight.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import { isCode, isUpstreamFault, noManifest, wrongBytes } from "./faults.ts";
import type { PullThroughParts } from "./parts.ts";
import { soonOr } from "./soon-or.ts";
import { twice } from "./twice.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

export interface CachedManifests {
  /**
   * Throws manifest-unknown, and upstream-* where nothing is cached. @param urgent ask about a tag again, even when it
   * is fresh.
   */
  get(place: UpstreamPlace, reference: Digest | Tag, urgent?: boolean): Promise<Sourced<StoredManifest>>;
  stat(place: UpstreamPlace, reference: Digest | Tag): Promise<Sourced<ManifestFacts>>;
}

type Found = Sourced<ManifestFacts> & { cache: CacheMark };

/** What an upstream hasn't, and tags that were asked for in vain, remembered at most. */
const mostRemembered = 20_000;
/** While something cached can be served instead, the upstream is waited for so long, ms. */
const patience = 5_000;
/** How long a tag whose question failed isn't asked for again, ms at most. */
const afterFailure = 10_000;

export function createCachedManifests(parts: PullThroughParts): CachedManifests {
  const { cached, repositories, ingest, links, clock, manifestLimit, signal, report } = parts;
  const missing = createExpiringKeys(mostRemembered, clock);
  const vain = createExpiringKeys(mostRemembered, clock);
  const flight = createSingleFlight<Found>();

  const keyOf = (place: UpstreamPlace, reference: string) => `${place.cached} ${reference}`;

  /** Proves, stores, points the tag to it. */
  async function keep(
    place: UpstreamPlace,
    reference: Digest | Tag,
    { bytes, mediaType, digest: claimed }: Pick<UpstreamManifest, "bytes" | "mediaType" | "digest">,
  ): Promise<Found> {
    const named = parseDigest(reference);
    const tag = named === undefined ? (reference as Tag) : undefined;
    try {
      const {
        digest,
        mediaType: type,
        size,
      } = await ingest.putManifest({
        repository: place.cached,
        bytes,
        mediaType,
        digest: named ?? claimed,
        tag,
      });
      const at = clock();
      if (tag !== undefined) await cached.confirm([{ repository: place.cached, tag, digest, at }]);
      return { digest, mediaType: type, size, cache: { state: "MISS", age: 0 } };
    } catch (error) {
      if (!isCode(error, "manifest-invalid") && !isCode(error, "digest-mismatch")) throw error;
      throw wrongBytes(place, `manifest ${reference}`, (error as Error).message);
    }
  }

  async function fetch(place: UpstreamPlace, reference: Digest | Tag): Promise<Found> {
    const key = keyOf(place, reference);
    if (place.upstream.offline || missing.has(key)) throw noManifest(place, reference);
    try {
      const came = await twice(() => {
        // Its configuration may have changed between the two.
        const { client, manifests } = links.of(place.upstream.name);
        return manifests.ask(() =>
          client.manifest(place.remote, reference, undefined, manifestLimit(), signal),
        );
      });
      if (came === "unchanged")
        throw wrongBytes(place, `manifest ${reference}`, "it says that nothing changed");
      return await keep(place, reference, came);
    } catch (error) {
      if (!isCode(error, "upstream-unknown")) throw error;
      missing.set(key, place.upstream.missing_ttl);
      throw noManifest(place, reference);
    }
  }

  /** Asks whether the tag still names what is cached. Throws what kept the upstream from saying so. */
  async function askAgain(place: UpstreamPlace, tag: Tag, known: CachedTag): Promise<Found> {
    const { client, manifests } = links.of(place.upstream.name);
    const head = await manifests.ask(() => client.head(place.remote, tag, known.digest, signal));
    if (head === "unchanged" || head.digest === known.digest) return confirmed(place, tag, known);
    const had =
      head.digest === undefined ? undefined : await repositories.manifest(place.cached, head.digest);
    if (had !== undefined)
      return { ...(await keep(place, tag, had)), cache: { state: "REVALIDATED", age: 0 } };
    const came = await manifests.ask(() =>
      client.manifest(place.remote, tag, known.digest, manifestLimit(), signal),
    );
    return came === "unchanged" ? confirmed(place, tag, known) : keep(place, tag, came);
  }

  async function confirmed(place: UpstreamPlace, tag: Tag, known: CachedTag): Promise<Found> {
    const at = clock();
    await cached.confirm([{ repository: place.cached, tag, digest: known.digest, at }]);
    return { ...facts(known), cache: { state: "REVALIDATED", age: 0 } };
  }

  /** The tag as the upstream has it now, else as it is cached. */
  async function revalidate(place: UpstreamPlace, tag: Tag, known: CachedTag): Promise<Found> {
    const key = keyOf(place, tag);
    try {
      return await askAgain(place, tag, known);
    } catch (error) {
      if (isCode(error, "upstream-unknown") && place.upstream.gone === "purge") {
        await repositories.deleteTag(place.cached, tag, { tagIs: known.digest }, clock(), undefined);
        missing.set(key, place.upstream.missing_ttl);
        throw noManifest(place, tag);
      }
      // What can't be kept (a full disk) is no reason not to serve what is there.
      if (!isUpstreamFault(error) && !isCode(error, "storage-full")) throw error;
      report(error, `${place.repository}:${tag} is served from the cache`);
      vain.set(key, Math.min(place.upstream.missing_ttl, afterFailure));
      return stale(known);
    }
  }

  function stale(known: CachedTag): Found {
    return { ...facts(known), cache: { state: "STALE", age: ageOf(known.checkedAt) } };
  }

  const ageOf = (since: number) => Math.max(0, clock() - since);

  async function byTag(place: UpstreamPlace, tag: Tag, urgent: boolean): Promise<Found> {
    const key = keyOf(place, tag);
    const known = await cached.tag(place.cached, tag);
    if (known === undefined) return flight(key, () => fetch(place, tag));
    const { ttl, offline } = place.upstream;
    const age = clock() - known.checkedAt;
    // A clock that was ahead must not make a tag fresh for ever.
    const fresh = age >= 0 && age < ttl;
    if (fresh && !urgent) return { ...facts(known), cache: { state: "HIT", age } };
    if (offline || (vain.has(key) && !urgent)) return stale(known);
    return soonOr(
      flight(key, () => revalidate(place, tag, known)),
      patience,
      () => stale(known),
      (error) => report(error, `${place.repository}:${tag} was served from the cache meanwhile`),
    );
  }

  async function byDigest(place: UpstreamPlace, digest: Digest): Promise<Sourced<StoredManifest>> {
    const stored = await repositories.manifest(place.cached, digest);
    if (stored !== undefined) return { ...stored, cache: { state: "HIT", age: ageOf(stored.pushedAt) } };
    const { cache } = await flight(keyOf(place, digest), () => fetch(place, digest));
    return bytesOf(place, digest, cache);
  }

  async function bytesOf(
    place: UpstreamPlace,
    digest: Digest,
    cache: CacheMark,
  ): Promise<Sourced<StoredManifest>> {
    const stored = await repositories.manifest(place.cached, digest);
    if (stored !== undefined) return { ...stored, cache };
    // Evicted a moment ago.
    const again = await flight(keyOf(place, digest), () => fetch(place, digest));
    const fetched = await repositories.manifest(place.cached, digest);
    if (fetched === undefined) throw noManifest(place, digest);
    return { ...fetched, cache: again.cache };
  }

  return {
    async get(place, reference, urgent = false) {
      const digest = parseDigest(reference);
      if (digest !== undefined) return byDigest(place, digest);
      const found = await byTag(place, reference as Tag, urgent);
      return bytesOf(place, found.digest, found.cache);
    },
    async stat(place, reference) {
      const digest = parseDigest(reference);
      return digest === undefined ? byTag(place, reference as Tag, false) : byDigest(place, digest);
    },
  };
}

function facts({ digest, mediaType, size }: ManifestFacts): ManifestFacts {
  return { digest, mediaType, size };
}
