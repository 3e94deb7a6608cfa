import type { ManifestFacts } from "#core/metadata/repositories.ts";
import { isIndexType } from "#oci/media-type.ts";
import type { Fill } from "./fill.ts";
import type { PullThroughParts } from "./parts.ts";
import type { UpstreamPlace } from "./upstream-map.ts";
import { warmImage } from "./warm.ts";

/** Images of the configured platforms that are brought at the same time; what comes beyond is left to who pulls it. */
const most = 4;

/** Brings the configured platforms of an index that was just fetched, while nobody waits. */
export function createPrefetch({ report, signal }: PullThroughParts, fill: Fill) {
  const running = new Set<string>();
  const untold = { expect: () => undefined, add: () => undefined };

  return ({ upstream, repository }: UpstreamPlace, { digest, mediaType }: ManifestFacts): void => {
    const { platforms } = upstream;
    const key = `${repository}@${digest}`;
    if (platforms.length === 0 || !isIndexType(mediaType) || running.has(key) || running.size >= most) return;
    running.add(key);
    const told = (error: unknown) => {
      if (!signal.aborted) report(error, `prefetching ${key}`);
    };
    void warmImage(fill, repository, digest, { platforms, referrers: false }, untold, signal)
      .then(({ faults }) => faults.forEach(told), told)
      .finally(() => running.delete(key));
  };
}
