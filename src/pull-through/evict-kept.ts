import { setImmediate as breath } from "node:timers/promises";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { signatureTags } from "./signature-tags.ts";

export type KeptReads = "tags" | "manifest" | "manifestFacts" | "referrers";

const page = 500;

/**
 * The digests of what the repository's tags name that `matches` takes: their manifests, children, blobs, and what
 * refers to any of these manifests or signs it. What isn't here counts by its name alone.
 */
export async function keptByTags(
  repositories: Pick<Repositories, KeptReads>,
  repository: RepositoryName,
  matches: (tag: Tag) => boolean,
  signal: AbortSignal,
): Promise<ReadonlySet<Digest>> {
  const kept = new Set<Digest>();
  /** Manifests that were not looked into yet. */
  const waiting: Digest[] = [];

  function keepManifest(digest: Digest | undefined): void {
    if (digest === undefined || kept.has(digest)) return;
    kept.add(digest);
    waiting.push(digest);
  }

  async function keepTag(tag: Tag): Promise<void> {
    keepManifest((await repositories.manifestFacts(repository, tag))?.digest);
  }

  async function keepReferrers(subject: Digest): Promise<void> {
    for (let last: string | undefined; ;) {
      signal.throwIfAborted();
      const choice = { limit: page, last, artifactType: undefined };
      const referrers = await repositories.referrers(repository, subject, choice);
      for (const { digest } of referrers) keepManifest(digest);
      last = referrers.at(-1)?.digest;
      if (referrers.length < page) return;
    }
  }

  for (let last: string | undefined; ;) {
    signal.throwIfAborted();
    const tags = await repositories.tags(repository, { limit: page, last });
    for (const tag of tags) if (matches(tag)) await keepTag(tag);
    last = tags.at(-1);
    await breath();
    if (tags.length < page) break;
  }
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    signal.throwIfAborted();
    await breath();
    await keepReferrers(digest);
    for (const tag of signatureTags(digest)) await keepTag(tag);
    const stored = await repositories.manifest(repository, digest);
    const parsed = stored && parseManifest(stored.bytes, stored.mediaType);
    if (parsed === undefined || "fault" in parsed) continue;
    for (const blob of parsed.manifest.blobs) kept.add(blob.digest);
    for (const child of parsed.manifest.manifests) keepManifest(child.digest);
  }
  return kept;
}
