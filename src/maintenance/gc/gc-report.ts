import type { RepositoryName } from "#oci/reference.ts";

/** Why something goes, in the order in which a run looks. */
export const reasons = ["unfinished", "untagged", "referrer", "signature", "unused", "stray"] as const;

/**
 * `unfinished`: uploads that nobody went on with. `untagged`: manifests that no tag and no index names. `referrer`:
 * manifests whose subject is gone. `signature`: tags sha256-….sig and the like whose subject is gone. `unused`: blobs
 * that no manifest names. `stray`: stored bytes that the metadata doesn't know.
 */
export type Reason = (typeof reasons)[number];

/** What went, or would go. */
export interface GcReport {
  /** Nothing was removed. */
  dryRun: boolean;
  reasons: ReasonReport[];
  /** Bytes removed from the store in this run, also of what went before. */
  freed: { blobs: number; bytes: number };
  /** Given up, and still in the store, because somebody may be reading it or a backup has it. */
  waiting: { blobs: number; bytes: number };
  /** Why bytes of some blob couldn't be removed; the next run tries again. */
  fault: string | undefined;
}

export interface ReasonReport {
  reason: Reason;
  /** Uploads, manifests, tags, links of a repository to a blob, blobs. */
  count: number;
  /** Freed by it: of manifests, and of blobs that nobody else has. */
  bytes: number;
  /** Of some repositories; "" for what is in none. */
  repositories: ReasonIn[];
}

export interface ReasonIn {
  repository: string;
  count: number;
  /** The first few: digests, tags, places. */
  examples: string[];
}

export interface Tally {
  /** So many went, with so many bytes. */
  add(reason: Reason, count: number, bytes: number): void;
  /** One of them, for people. */
  show(reason: Reason, repository: RepositoryName | undefined, name: string): void;
  count(reason: Reason): number;
  /** Of all reasons. */
  items(): number;
  bytes(): number;
  /** Those for which something went. */
  reports(): ReasonReport[];
}

const mostRepositories = 20;
const mostExamples = 3;

/** Sums by reason, with a bounded number of examples. */
export function createTally(): Tally {
  const found = new Map<Reason, { count: number; bytes: number; repositories: Map<string, ReasonIn> }>();

  function of(reason: Reason) {
    const known = found.get(reason) ?? { count: 0, bytes: 0, repositories: new Map<string, ReasonIn>() };
    found.set(reason, known);
    return known;
  }

  return {
    add(reason, count, bytes) {
      if (count === 0 && bytes === 0) return;
      const sums = of(reason);
      sums.count += count;
      sums.bytes += bytes;
    },
    show(reason, repository = "" as RepositoryName, name) {
      const { repositories } = of(reason);
      const shown = repositories.get(repository) ?? { repository, count: 0, examples: [] };
      if (!repositories.has(repository) && repositories.size >= mostRepositories) return;
      repositories.set(repository, shown);
      shown.count++;
      if (shown.examples.length < mostExamples) shown.examples.push(name);
    },
    items: () => [...found.values()].reduce((sum, { count }) => sum + count, 0),
    count: (reason) => found.get(reason)?.count ?? 0,
    bytes: () => [...found.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    reports: () =>
      reasons.flatMap((reason) => {
        const sums = found.get(reason);
        if (sums === undefined || sums.count === 0) return [];
        return [
          { reason, count: sums.count, bytes: sums.bytes, repositories: [...sums.repositories.values()] },
        ];
      }),
  };
}
