import { createBoundedMap } from "#kit/bounded-map.ts";
import type { Bucket } from "./bucket.ts";

export interface Links {
  /** A URL that gives the object for `ttl` ms, or a little less. */
  to(key: string, ttl: number): Promise<string>;
}

/** A signature is given out again for this part of its life: many clients pull one image at the same time. */
const reused = 0.1;
const mostKept = 10_000;

/** Signed URLs, at `base` where a CDN stands before the bucket that hands path and query on as they are. */
export function createLinks(bucket: Bucket, base: string | undefined): Links {
  const kept = createBoundedMap<string, { url: string; ttl: number; until: number }>(mostKept);
  return {
    async to(key, ttl) {
      const found = kept.get(key);
      const now = Date.now();
      // A clock that was set back must not make one last.
      if (found?.ttl === ttl && now < found.until && now >= found.until - ttl * reused) return found.url;
      const signed = await bucket.sign("The link could not be made", key, ttl);
      const url =
        base === undefined ? signed.href : `${base.replace(/\/$/, "")}${signed.pathname}${signed.search}`;
      kept.set(key, { url, ttl, until: now + ttl * reused });
      return url;
    },
  };
}
