/**
 * The blobs that are being fetched by this process, each once however many ask. Who asks gets a GrowingBlob to read
 * along; nobody's leaving stops a fetch. Where another process of the server has the fetch, it is followed there.
 */
import type { GrowingBlob, GrowingStart } from "#core/fetch-relay.ts";
import type { SpoolReader } from "#core/spool.ts";
import { createExpiringKeys } from "#kit/expiring-keys.ts";
import { createGrowth } from "#kit/growth.ts";
import type { Digest } from "#oci/digest.ts";
import { asBlobFault, fetchBlob } from "./fetch-blob.ts";
import { isCode, noBlob } from "./faults.ts";
import type { PullThroughParts } from "./parts.ts";
import { pullablePlace } from "./pullable-place.ts";
import { createSharedReader, type SharedReader } from "./shared-reader.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

/** A fetch with what its readers here share. */
export interface SharedFetch extends GrowingBlob {
  /** The reader that all share who read along in this process; take it when `begun` has a file. */
  readers: Pick<SharedReader, "take">;
  /** All of a small blob as soon as it is proved; undefined: it isn't in this process's memory. */
  whole: Promise<Uint8Array | undefined>;
}

export interface Fetches {
  /** The fetch of the blob, begun where it isn't under way. Its faults are blob-unknown, upstream-*, storage-*. */
  of(place: UpstreamPlace, digest: Digest): SharedFetch;
  /** Waits for what runs. */
  settle(): Promise<void>;
}

const mostMissing = 20_000;
/** Bytes of small blobs that are served while they aren't durable yet, at most. */
const mostUnkept = 16 * 1024 * 1024;

export function createFetches(parts: PullThroughParts): Fetches {
  const { relay, upstreams, clock, report } = parts;
  const missing = createExpiringKeys(mostMissing, clock);
  let unkept = 0;
  /** By cached repository and digest: what clients here wait for. */
  const followed = new Map<string, SharedFetch>();
  /** By upstream and digest: what this process fetches. */
  const own = new Map<string, { cached: string; fetch: SharedFetch }>();
  const keyOf = (place: UpstreamPlace, digest: Digest) => `${place.cached} ${digest}`;

  function shared(map: Map<string, SharedFetch>, key: string, make: () => SharedFetch): SharedFetch {
    const known = map.get(key);
    if (known !== undefined) return known;
    const made = make();
    map.set(key, made);
    const over = () => void map.delete(key);
    made.done.then(over, over);
    return made;
  }

  /** Fetched by this process. Another repository's fetch of the same bytes is waited for, and linked from then. */
  function here(place: UpstreamPlace, digest: Digest): SharedFetch {
    const key = `${place.upstream.name} ${digest}`;
    const running = own.get(key);
    if (running !== undefined && running.cached === place.cached) return running.fetch;
    const made = begin(place, digest, running?.fetch.done);
    if (running === undefined) {
      own.set(key, { cached: place.cached, fetch: made });
      const over = () => void own.delete(key);
      made.done.then(over, over);
    }
    return made;
  }

  function begin(place: UpstreamPlace, digest: Digest, before: Promise<void> | undefined): SharedFetch {
    const growth = createGrowth();
    const begun = Promise.withResolvers<GrowingStart>();
    const whole = Promise.withResolvers<Uint8Array | undefined>();
    let file: SpoolReader | undefined;
    let held = 0;
    const key = keyOf(place, digest);
    const work = async () => {
      // Then it can be taken from there.
      await before?.catch(() => undefined);
      await fetchBlob(parts, place, digest, {
        growth,
        begun(start, reader) {
          file = reader;
          begun.resolve(start);
          if (reader !== undefined) whole.resolve(undefined);
        },
        proved(bytes) {
          // Too much waits to be durable already: then this one is served when it is.
          if (bytes !== undefined && unkept + bytes.length > mostUnkept) return;
          held = bytes?.length ?? 0;
          unkept += held;
          whole.resolve(bytes);
        },
      });
    };
    const done = work().then(
      () => {
        unkept -= held;
        growth.end();
        begun.resolve({ size: undefined, file: undefined });
        whole.resolve(undefined);
      },
      (error: unknown) => {
        unkept -= held;
        if (isCode(error, "upstream-unknown")) missing.set(key, place.upstream.missing_ttl);
        const fault = asBlobFault(error, place, digest) as Error;
        growth.fail(fault);
        begun.reject(fault);
        whole.reject(fault);
        throw fault;
      },
    );
    const readers = createSharedReader(() => Promise.resolve(file));
    // The file is this fetch's to close, also when nobody read along.
    const over = async () => {
      (await readers.take())?.giveBack();
      readers.over();
    };
    done.then(over, over);
    unheard(begun.promise);
    unheard(whole.promise);
    return {
      begun: begun.promise,
      whole: whole.promise,
      done,
      get readable() {
        return growth.readable;
      },
      more: (beyond) => growth.more(beyond),
      readers,
    };
  }

  /** Fetched by whichever process has it. */
  function anywhere(place: UpstreamPlace, digest: Digest): SharedFetch {
    if (relay === undefined) return here(place, digest);
    const blob = { repository: place.repository, digest };
    const found = relay.follow(blob).then((remote) => {
      if (remote === undefined) return here(place, digest);
      return withReader(remote, (name) => parts.spool.open(name));
    });
    return later(found);
  }

  relay?.answer((blob) => {
    try {
      const place = pullablePlace(upstreams.current.map, blob.repository);
      return shared(followed, keyOf(place, blob.digest), () => here(place, blob.digest));
    } catch (error) {
      return failed(error as Error);
    }
  });

  return {
    of(place, digest) {
      if (place.upstream.offline || missing.has(keyOf(place, digest))) return failed(noBlob(place, digest));
      return shared(followed, keyOf(place, digest), () => {
        const fetch = anywhere(place, digest);
        fetch.done.catch((error: unknown) => {
          if (!isCode(error, "blob-unknown")) report(error, `blob ${digest} of ${place.repository}`);
        });
        return fetch;
      });
    },
    async settle() {
      await Promise.allSettled(
        [...followed.values(), ...[...own.values()].map(({ fetch }) => fetch)].map(({ done }) => done),
      );
    },
  };
}

/** A fetch at another process, with one reader of its file for all who read along here. */
function withReader(
  remote: GrowingBlob,
  open: (name: string) => Promise<SpoolReader | undefined>,
): SharedFetch {
  const readers = createSharedReader(async () => {
    const { file } = await remote.begun;
    return file === undefined ? undefined : open(file);
  });
  // What nobody here opened while it grew needn't be opened at its end.
  const over = () => void readers.over();
  remote.done.then(over, over);
  return {
    begun: remote.begun,
    whole: Promise.resolve(undefined),
    done: remote.done,
    get readable() {
      return remote.readable;
    },
    more: (beyond) => remote.more(beyond),
    readers,
  };
}

/** A fetch that isn't known yet. */
function later(found: Promise<SharedFetch>): SharedFetch {
  let known: SharedFetch | undefined;
  void found.then(
    (fetch) => (known = fetch),
    () => undefined,
  );
  const begun = found.then((fetch) => fetch.begun);
  const done = found.then((fetch) => fetch.done);
  const whole = found.then((fetch) => fetch.whole);
  unheard(begun);
  unheard(done);
  unheard(whole);
  return {
    begun,
    whole,
    done,
    get readable() {
      return known?.readable ?? 0;
    },
    more: async (beyond) => (known ?? (await found)).more(beyond),
    readers: { take: async () => (await found).readers.take() },
  };
}

function failed(error: Error): SharedFetch {
  const fault = Promise.reject<never>(error);
  unheard(fault);
  return {
    begun: fault,
    whole: fault,
    done: fault,
    readable: 0,
    more: () => fault,
    readers: { take: () => fault },
  };
}

function unheard(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
