import { isCachedName } from "#core/cached-name.ts";
import { isEngineName } from "#core/engine-name.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { algorithmOf, digestOf, type Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import { isNondistributable } from "#oci/media-type.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { VerifyBlobs } from "./verify-blobs.ts";
import type { Finding, VerifyReport } from "./verify-report.ts";

export interface VerifyManifestParts {
  repositories: Pick<Repositories, "manifest" | "manifestFacts" | "holes" | "blob">;
  /** What the manifests of a repository may lack, by policy.missing_references. */
  mayLack(repository: RepositoryName): "none" | "index" | "any";
  /**
   * The caller looks at every row by itself, so children aren't followed, a row without bytes is a fault, and blobs
   * that are known to be damaged aren't told again.
   */
  eachRow?: boolean;
}

/** Of one manifest. */
const blobsAtOnce = 4;

/** What is wrong with a manifest and below it. */
export type VerifyManifest = (digest: Digest) => Promise<readonly Finding[]>;

/** Proves manifests of one repository with all below them, each once. */
export function createVerifyManifests(
  { repositories, mayLack, eachRow = false }: VerifyManifestParts,
  repository: RepositoryName,
  blobs: VerifyBlobs,
  report: Pick<VerifyReport, "manifests" | "holes">,
): VerifyManifest {
  const known = new Map<Digest, Promise<readonly Finding[]>>();
  const allow = mayLack(repository);
  const cached = isCachedName(repository) || isEngineName(repository);

  // Hashed before it is read, so no manifest can name itself.
  async function look(digest: Digest): Promise<readonly Finding[]> {
    report.manifests++;
    const stored = await repositories.manifest(repository, digest);
    const wrong = (why: string): Finding[] => [{ digest, kind: "manifest", why }];
    if (stored === undefined) return cached && !eachRow ? [] : wrong("is missing");
    const bytes = digestOf(algorithmOf(digest), stored.bytes);
    if (bytes !== digest) return wrong(`has other bytes: they are ${bytes}`);
    const parsed = parseManifest(stored.bytes, stored.mediaType);
    if ("fault" in parsed) return wrong(`can't be read: ${parsed.fault}`);

    const findings: Finding[] = [];
    let holes: Set<Digest> | undefined;
    /** Not in the repository: as the rule allows, or not. */
    async function lacking({ digest: of, mediaType }: Descriptor, kind: Finding["kind"]): Promise<void> {
      if (cached) return;
      holes ??= new Set(await repositories.holes(repository, digest));
      const allowed =
        kind === "manifest" ? allow !== "none" : allow === "any" || isNondistributable(mediaType);
      if (holes.has(of) && allowed) report.holes++;
      else {
        const rule = `which policy.missing_references (${allow}) doesn't allow`;
        const pushed = holes.has(of) ? `: it was never pushed there, ${rule}` : "";
        findings.push({
          digest: of,
          kind,
          why: `isn't in the repository ${repository}${pushed}`,
          lacking: true,
        });
      }
    }
    const sized = (named: Descriptor, size: number, kind: Finding["kind"]) => {
      if (named.size === size) return true;
      findings.push({ digest: named.digest, kind, why: `has ${size} bytes, ${digest} says ${named.size}` });
      return false;
    };
    async function blob(named: Descriptor, kind: Finding["kind"]): Promise<void> {
      const facts = await repositories.blob(repository, named.digest);
      if (facts === undefined) return lacking(named, kind);
      if (facts.damaged && eachRow) return;
      if (facts.damaged) findings.push({ digest: named.digest, kind, why: "is marked as damaged" });
      else if (sized(named, facts.size, kind)) {
        const why = await blobs(facts);
        if (why !== undefined) findings.push({ digest: named.digest, kind, why });
      }
    }
    for (const child of parsed.manifest.manifests) {
      const facts = await repositories.manifestFacts(repository, child.digest);
      // An index may name what was pushed as a blob.
      if (facts === undefined) await blob(child, "manifest");
      else if (sized(child, facts.size, "manifest") && !eachRow) findings.push(...(await once(child.digest)));
    }
    await inParallel(parsed.manifest.blobs, blobsAtOnce, (named) => blob(named, "blob"));
    return findings;
  }

  function once(digest: Digest): Promise<readonly Finding[]> {
    const before = known.get(digest);
    if (before !== undefined) return before;
    const findings = look(digest);
    known.set(digest, findings);
    return findings;
  }
  return once;
}
