/**
 * Content of upstreams in the namespace of the registry. Owns which name means which upstream, when one is asked, what
 * is kept and what is served when nobody answers; never who may pull (that is the policy's), never HTTP, never files.
 * name → place → cached? → served; else upstream → proved → kept through Ingest → served while it comes.
 */
import type { Source } from "#core/source.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { createCachedBlobs } from "./blobs.ts";
import { createFetches } from "./fetches.ts";
import type { Fill } from "./fill.ts";
import { createPrefetch } from "./prefetch.ts";
import { createCachedManifests } from "./manifests.ts";
import type { PullThroughParts } from "./parts.ts";
import { pullablePlace } from "./pullable-place.ts";
import { createCachedReferrers } from "./referrers.ts";
import { createCachedTags } from "./tags.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

export interface PullThrough {
  /** What public names mean on the registry's own addresses: hosted content, and below an upstream's name that upstream's. */
  source: Source;
  /** The same, but names are only ever an upstream's: for `ns=` and the addresses of mirrors. */
  upstreamOnly: Source;
  fill: Fill;
  /** Waits until no fetch is under way. */
  settle(): Promise<void>;
}

/** Tags of one page when all are read. */
const tagsPage = 1_000;
/** An upstream whose pages lead in circles isn't followed for ever. */
const mostPages = 1_000;

export function createPullThrough(parts: PullThroughParts): PullThrough {
  const { local, repositories, upstreams, pulls } = parts;
  const fetches = createFetches(parts);
  const manifests = createCachedManifests(parts);
  const blobs = createCachedBlobs(parts, fetches);
  const tags = createCachedTags(parts);
  const referrers = createCachedReferrers(parts);

  const placeOf = (repository: RepositoryName) => pullablePlace(upstreams.current.map, repository);

  /** Undefined: the name's content is the registry's own, or the blob is, of a push that has no manifest yet. */
  async function unlessHosted(repository: RepositoryName, blob?: Digest): Promise<UpstreamPlace | undefined> {
    const place = upstreams.current.map.place(repository);
    if (place === undefined || (await repositories.holdsManifest(repository))) return undefined;
    if (blob !== undefined && place.upstream.push === "allow") {
      const pushed = await repositories.blob(repository, blob);
      if (pushed !== undefined && !pushed.damaged) return undefined;
    }
    return placeOf(repository);
  }

  function sourceOf(
    find: (
      repository: RepositoryName,
      blob?: Digest,
    ) => UpstreamPlace | undefined | Promise<UpstreamPlace | undefined>,
  ): Source {
    return {
      manifests: {
        async get(repository, reference) {
          const place = await find(repository);
          if (place === undefined) return local.manifests.get(repository, reference);
          const manifest = await manifests.get(place, reference);
          pulls.note(place.cached, manifest.digest);
          if (manifest.cache?.state === "MISS") prefetch(place, manifest);
          return manifest;
        },
        async stat(repository, reference) {
          const place = await find(repository);
          if (place === undefined) return local.manifests.stat(repository, reference);
          const facts = await manifests.stat(place, reference);
          // Who looks whether an image is still the newest uses it.
          pulls.note(place.cached, facts.digest);
          return facts;
        },
      },
      blobs: {
        async stat(repository, digest) {
          const place = await find(repository, digest);
          return place === undefined ? local.blobs.stat(repository, digest) : blobs.stat(place, digest);
        },
        async open(repository, digest) {
          const place = await find(repository, digest);
          return place === undefined ? local.blobs.open(repository, digest) : blobs.open(place, digest);
        },
        async link(repository, digest, request) {
          const place = await find(repository, digest);
          return place === undefined
            ? local.blobs.link(repository, digest, request)
            : blobs.link(place, digest, request);
        },
      },
      tags: {
        async list(repository, page) {
          const place = await find(repository);
          return place === undefined ? local.tags.list(repository, page) : tags.list(place, page);
        },
      },
      referrers: {
        async list(repository, subject, page) {
          const place = await find(repository);
          return place === undefined
            ? local.referrers.list(repository, subject, page)
            : referrers.list(place, subject, page);
        },
      },
    };
  }

  const fill: Fill = {
    manifest: (repository, reference) => manifests.get(placeOf(repository), reference, true),
    async blob(repository, digest, grew) {
      const place = placeOf(repository);
      const had = await blobs.stored(place, digest);
      if (had) return "had";
      const fetch = fetches.of(place, digest);
      for (let told = 0; ;) {
        await fetch.more(told);
        const { readable } = fetch;
        if (readable <= told) break;
        grew(readable - told);
        told = readable;
      }
      await fetch.done;
      return "fetched";
    },
    async *tags(repository) {
      const place = placeOf(repository);
      let last: Tag | undefined;
      for (let pages = 0; pages < mostPages; pages++) {
        const { items, more } = await tags.list(place, { limit: tagsPage, last });
        yield* items;
        const next = items.at(-1);
        // An upstream whose pages don't go on would be read for ever.
        if (!more || next === undefined || next === last) return;
        last = next;
      }
    },
    referrers: (repository, subject) => referrers.all(placeOf(repository), subject),
  };

  const prefetch = createPrefetch(parts, fill);
  return {
    source: sourceOf(unlessHosted),
    upstreamOnly: sourceOf(placeOf),
    fill,
    settle: () => fetches.settle(),
  };
}
