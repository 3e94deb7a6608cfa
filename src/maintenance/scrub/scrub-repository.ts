import { publicName } from "#core/cached-name.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createVerifyManifests } from "../verify/verify-manifests.ts";
import type { Finding } from "../verify/verify-report.ts";
import { linkAgain } from "./link-again.ts";
import { placesOf } from "./places.ts";
import { repairManifest } from "./repair-manifest.ts";
import { scrubFacts } from "./scrub-facts.ts";
import type { ScrubParts } from "./scrub-parts.ts";
import type { ScrubFault, ScrubWriter } from "./scrub-report.ts";

/** A blob that a repository had and that is nowhere recorded any more. */
export interface LackingBlob {
  repository: RepositoryName;
  digest: Digest;
  fault: ScrubFault;
}

/** Looked for elsewhere; where there are more, the rest in the next round. */
const mostLacking = 10_000;
/** Manifests of one read. */
const page = 200;
/** Bytes that a manifest counts for where reading is held down. */
const manifestBytes = 4 * 1024;

/**
 * Every manifest of a repository (its bytes, and that what it names is there), then what metadata says of the
 * repository. @param lacking those that are to be looked for elsewhere are added
 */
export async function scrubRepository(
  parts: ScrubParts,
  repository: RepositoryName,
  writer: ScrubWriter,
  lacking: LackingBlob[],
): Promise<void> {
  const { checks, repair, pace, signal, progress } = parts;
  writer.report.repositories++;
  const suspects: Digest[] = [];
  for (let last: string | undefined; ;) {
    const digests: Digest[] = await checks.manifests(repository, { limit: page, last });
    const verify = verifier(parts, repository, writer.report);
    for (const digest of digests) {
      await pace.take(manifestBytes, signal);
      if ((await verify(digest)).length > 0) suspects.push(digest);
      progress.done();
    }
    last = digests.at(-1);
    if (digests.length < page) break;
  }
  // Their own bytes first: what others say of them may be right then.
  if (repair) for (const digest of suspects) await ownBytes(parts, repository, digest, writer);
  for (const digest of suspects) await closure(parts, repository, digest, writer, lacking);
  for (const tag of await checks.lostTags(repository, page))
    writer.found({
      kind: "tag",
      digest: undefined,
      why: "names a manifest that has no row: push it again, or restore a snapshot",
      of: [`${publicName(repository)}:${tag}`],
    });
  await scrubFacts(parts, repository, writer);
}

function verifier(
  { repositories }: Pick<ScrubParts, "repositories">,
  repository: RepositoryName,
  counts: { manifests: number; holes: number },
) {
  const bytesLater = () => Promise.resolve(undefined);
  // What was never pushed is for verify to judge: it is no damage.
  const mayLack = () => "any" as const;
  const verify = createVerifyManifests(
    { repositories, mayLack, eachRow: true },
    repository,
    bytesLater,
    counts,
  );
  return async (digest: Digest): Promise<Finding[]> => {
    const findings = [...(await verify(digest))];
    if (findings.length > 0) return findings;
    const stored = await repositories.manifest(repository, digest);
    if (stored !== undefined && stored.bytes.length !== stored.size)
      findings.push({
        digest,
        kind: "manifest",
        why: `has ${stored.bytes.length} bytes, and ${stored.size} are recorded`,
      });
    return findings;
  };
}

const uncounted = () => ({ manifests: 0, holes: 0 });

async function ownBytes(
  parts: ScrubParts,
  repository: RepositoryName,
  digest: Digest,
  writer: ScrubWriter,
): Promise<void> {
  const findings = await verifier(parts, repository, uncounted())(digest);
  const own = findings.find((finding) => finding.digest === digest && finding.kind === "manifest");
  if (own === undefined || !(await isThere(parts, repository, digest))) return;
  const how = await repairManifest(parts, repository, digest);
  if (how === undefined) return;
  const of = await placesOf(parts, [repository], digest);
  writer.repaired(writer.found({ kind: "manifest", digest, why: own.why, of }), how);
}

/** Looked at a second time: next to a server it may just have been changed, or gone. */
async function closure(
  parts: ScrubParts,
  repository: RepositoryName,
  digest: Digest,
  writer: ScrubWriter,
  lacking: LackingBlob[],
): Promise<void> {
  const { repair, clock, housekeeping } = parts;
  const findings = await verifier(parts, repository, uncounted())(digest);
  if (findings.length === 0 || !(await isThere(parts, repository, digest))) return;
  const of = await placesOf(parts, [repository], digest);
  for (const finding of findings) {
    const { kind, why } = finding;
    const fault = writer.found({ kind, digest: finding.digest, why, of });
    if (!repair) continue;
    const isLacking = finding.lacking === true && kind === "blob";
    const how = isLacking ? await linkAgain(parts, repository, finding.digest) : undefined;
    if (how !== undefined) {
      writer.repaired(fault, how);
      continue;
    }
    if (isLacking && lacking.length < mostLacking)
      lacking.push({ repository, digest: finding.digest, fault });
    await housekeeping.found([{ digest: finding.digest, kind, repository, why, foundAt: clock() }]);
  }
}

async function isThere(
  { repositories }: Pick<ScrubParts, "repositories">,
  repository: RepositoryName,
  digest: Digest,
): Promise<boolean> {
  return (await repositories.manifestFacts(repository, digest)) !== undefined;
}
