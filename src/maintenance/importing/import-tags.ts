import { AppError } from "#core/errors.ts";
import type { TagFact } from "#core/metadata/repositories.ts";
import type { SourceRepository } from "#core/registry-source.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Digest } from "#oci/digest.ts";
import { parseTag, type RepositoryName, type Tag } from "#oci/reference.ts";
import type { ImportParts } from "./import-parts.ts";
import type { ImportReport } from "./import-report.ts";

/** A tag to set, and what it was when that was decided. */
export interface WantedTag {
  name: Tag;
  was: TagFact;
}

const readAtOnce = 16;

/** Which tags of the repository are to be set, by the manifest that they point to. */
export async function wantedTags(
  { source, facts }: ImportParts,
  report: ImportReport,
  repository: RepositoryName,
  { tags, manifests, blobs }: SourceRepository,
  overwrite: boolean,
): Promise<Map<Digest, WantedTag[]>> {
  const wanted = new Map<Digest, WantedTag[]>();
  const known = new Set<Digest>([...manifests, ...blobs]);

  async function look(text: string): Promise<void> {
    const leaveOut = (why: string) => void report.leftOut.push({ repository, subject: text, why });
    const name = parseTag(text);
    if (name === undefined) return leaveOut("Berth doesn't allow such a tag");
    let digest: Digest | undefined;
    try {
      digest = await source.tag(repository, text);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "blob-damaged") throw error;
      return leaveOut(error.message);
    }
    if (digest === undefined) return;
    if (!known.has(digest) && !(await source.lists(repository, "manifest", digest))) {
      const why = `it points to ${digest}, which the source doesn't have`;
      report.lacking.push({ repository, subject: text, why });
      return;
    }
    const is = (await facts.manifestFacts(repository, name))?.digest;
    if (is === digest) report.tags.there++;
    else if (is !== undefined && !overwrite)
      leaveOut(`in Berth the tag points to ${is}, there to ${digest}: --overwrite moves it`);
    else {
      const tag: WantedTag = { name, was: is ?? "absent" };
      const others = wanted.get(digest);
      if (others === undefined) wanted.set(digest, [tag]);
      else others.push(tag);
    }
  }

  await inParallel(tags, readAtOnce, look);
  return wanted;
}
