import type { RepositoryDetail } from "#core/metadata/usage.ts";

const amounts = ["bytes", "ownBytes", "sharedBytes", "unreferencedBytes", "tags"] as const;

/** What repositories add up to; what they share counts for each. */
export function sumOf(repositories: readonly RepositoryDetail[]) {
  const sum = { bytes: 0, ownBytes: 0, sharedBytes: 0, unreferencedBytes: 0, tags: 0 };
  for (const repository of repositories) for (const amount of amounts) sum[amount] += repository[amount];
  return sum;
}
