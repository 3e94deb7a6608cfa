import { isCachedName } from "#core/cached-name.ts";
import { isEngineName } from "#core/engine-name.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { TagFacts, TagRoom } from "#core/metadata/tag-room.ts";
import { type Digest, parseDigest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Round } from "./round.ts";

/** Begins the tags that cosign makes for a manifest's signatures, attestations and SBOMs. */
const prefix = "sha256-";
const form = /^sha256-([0-9a-f]{64})\.(?:sig|att|sbom)$/;
const rule = "garbage collection";

interface SignatureParts {
  repositories: Pick<Repositories, "catalog" | "manifestFacts" | "tags">;
  tagRoom: Pick<TagRoom, "facts" | "remove">;
  /** The pattern that makes a tag immutable: then it stays. */
  immutable: (repository: RepositoryName, tag: Tag) => string | undefined;
}

/** The manifest that such a tag is about. */
function subjectOf(tag: Tag): Digest | undefined {
  return parseDigest(`sha256:${form.exec(tag)?.[1] ?? ""}`);
}

/**
 * Removes tags such as `sha256-….sig` whose subject isn't there any more; like every removed tag they may come back for
 * a while. A repository that holds nothing but such tags, and none of their subjects, is one where signatures of images
 * elsewhere are kept (COSIGN_REPOSITORY): there they stay.
 */
export async function collectSignatures(parts: SignatureParts, round: Round): Promise<void> {
  if (round.rules.referrers === "keep") return;
  let last: RepositoryName | undefined;
  for (;;) {
    const names = await parts.repositories.catalog({ limit: round.pace.rows(), last });
    if (names.length === 0) return;
    for (const repository of names)
      if (!isCachedName(repository) && !isEngineName(repository)) await collectIn(parts, repository, round);
    last = names.at(-1);
    await round.pace.breathe();
  }
}

async function collectIn(
  { repositories, tagRoom, immutable }: SignatureParts,
  repository: RepositoryName,
  { rules, past, clock, dry, pace, tally }: Round,
): Promise<void> {
  let last = prefix as Tag;
  let hasSubjects: boolean | undefined;
  for (;;) {
    const limit = pace.rows();
    const page = await tagRoom.facts(repository, { limit, last });
    for (const tag of page) {
      if (!tag.name.startsWith(prefix)) return;
      const subject = subjectOf(tag.name);
      if (subject === undefined || tag.pinned || tag.updatedAt >= past(rules.grace)) continue;
      if ((await repositories.manifestFacts(repository, subject)) !== undefined) {
        hasSubjects = true;
        continue;
      }
      if (immutable(repository, tag.name) !== undefined) continue;
      hasSubjects ??= await holdsImages(repositories, tagRoom, repository);
      if (!hasSubjects) return;
      if (dry || (await remove(tag))) {
        tally.add("signature", 1, 0);
        tally.show("signature", repository, tag.name);
      }
    }
    if (page.length < limit) return;
    last = page.at(-1)?.name ?? last;
    await pace.breathe();
  }

  async function remove({ name: tag, digest: was, updatedAt: setAt }: TagFacts): Promise<boolean> {
    const removal = { repository, tag, was, setAt, rule, now: clock(), by: undefined };
    return (await tagRoom.remove(removal)) === "removed";
  }
}

/** Whether there is a tag that is no signature's, or a subject of one that is. */
async function holdsImages(
  repositories: SignatureParts["repositories"],
  tagRoom: SignatureParts["tagRoom"],
  repository: RepositoryName,
): Promise<boolean> {
  const limit = 200;
  let last: Tag | undefined;
  for (;;) {
    const page = await tagRoom.facts(repository, { limit, last });
    for (const { name } of page) {
      const subject = subjectOf(name);
      if (subject === undefined || (await repositories.manifestFacts(repository, subject)) !== undefined)
        return true;
    }
    if (page.length < limit) return false;
    last = page.at(-1)?.name;
  }
}
