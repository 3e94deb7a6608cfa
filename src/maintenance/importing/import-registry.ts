import { AppError } from "#core/errors.ts";
import type { SourceRepository } from "#core/registry-source.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Digest } from "#oci/digest.ts";
import { parseRepositoryName } from "#oci/reference.ts";
import { createBlobImport, type BlobImport } from "./import-blobs.ts";
import { importManifests } from "./import-manifests.ts";
import type { ImportOptions, ImportParts } from "./import-parts.ts";
import { emptyReport, type ImportReport } from "./import-report.ts";
import { wantedTags } from "./import-tags.ts";

const repositoriesAtOnce = 4;

/**
 * Takes another registry over: blobs, then manifests with their tags, one repository after the other. What is
 * here already is passed over, so a run that broke off is gone on with by running it again, and a later run
 * takes what was pushed in between. Nothing is removed here. One thing that can't be taken is reported and
 * left out; throws when it can't go on at all.
 */
export async function importRegistry(parts: ImportParts, options: ImportOptions): Promise<ImportReport> {
  const report = emptyReport();
  const blobs = createBlobImport(parts, report);
  if (parts.into !== undefined) parts.progress.expect(await survey(parts, options));
  await inParallel(parts.source.repositories(), repositoriesAtOnce, async (from) => {
    if (options.takes(from.name)) await importRepository(parts, options, report, blobs, from);
  });
  return report;
}

async function importRepository(
  parts: ImportParts,
  { overwrite }: ImportOptions,
  report: ImportReport,
  blobs: BlobImport,
  from: SourceRepository,
): Promise<void> {
  const tell = ({ subject, why }: { subject: string; why: string }) =>
    void report.leftOut.push({ repository: from.name, subject, why });
  from.faults.forEach(tell);
  if (from.tags.length + from.manifests.length + from.blobs.length === 0) return;
  const repository = parseRepositoryName(from.name);
  if (repository === undefined) return tell({ subject: from.name, why: "Berth doesn't allow such a name" });
  report.repositories++;
  // Before the blobs: what is pushed there meanwhile must not have tags here and no bytes.
  const tags = await wantedTags(parts, report, repository, from, overwrite);
  const taken = await blobs.take(repository, from.blobs);
  report.stale += taken.gone.size;
  await importManifests(parts, report, {
    repository,
    from,
    blobs: taken,
    bring: (digest) => blobs.take(repository, [digest]),
    tags,
  });
}

/** How many blobs there are to bring, and how much. */
async function survey(
  { source, facts }: ImportParts,
  { takes }: ImportOptions,
): Promise<{ items: number; bytes: number }> {
  const total = { items: 0, bytes: 0 };
  const seen = new Set<Digest>();
  await inParallel(source.repositories(), repositoriesAtOnce, async ({ name, blobs }) => {
    if (!takes(name) || parseRepositoryName(name) === undefined) return;
    await inParallel(blobs, repositoriesAtOnce, async (digest) => {
      if (seen.has(digest)) return;
      seen.add(digest);
      const known = await facts.anyBlob(digest);
      if (known !== undefined && !known.damaged) return;
      const size = await source.size(name, digest).catch(unlessItsFault);
      if (size === undefined) return;
      total.items++;
      total.bytes += size;
    });
  });
  return total;
}

/** What is wrong with one blob is told when it is its turn. */
function unlessItsFault(error: unknown): undefined {
  if (!(error instanceof AppError) || error.code !== "blob-damaged") throw error;
}
