import type { Source, Sourced } from "#core/source.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** How often content of an upstream was here already when it was pulled, and how often it had to be fetched. */
export interface CacheCounts {
  upstream: string;
  hits: number;
  misses: number;
}

/** Of this process, since it began. */
export interface AnswerCounts {
  now(): CacheCounts[];
  /** The same source; what is pulled from it is counted. */
  counting(source: Source): Source;
}

export function createAnswerCounts(): AnswerCounts {
  // By configured upstreams alone: what has a mark came from one.
  const counts = new Map<string, CacheCounts>();

  function count<T extends Sourced<object> | undefined>(repository: RepositoryName, answer: T): T {
    const state = answer?.cache?.state;
    if (state === undefined) return answer;
    const [upstream = ""] = repository.split("/", 1);
    const one = counts.get(upstream) ?? { upstream, hits: 0, misses: 0 };
    counts.set(upstream, one);
    if (state === "MISS") one.misses++;
    else one.hits++;
    return answer;
  }

  return {
    now: () => [...counts.values()].map((one) => ({ ...one })),
    counting: (source) => ({
      ...source,
      manifests: {
        ...source.manifests,
        get: async (repository, reference) =>
          count(repository, await source.manifests.get(repository, reference)),
      },
      blobs: {
        ...source.blobs,
        open: async (repository, digest) => count(repository, await source.blobs.open(repository, digest)),
      },
    }),
  };
}
