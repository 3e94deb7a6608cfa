import { publicName } from "#core/cached-name.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Digest } from "#oci/digest.ts";

/** Something that isn't as it should be, and where. */
export interface VerifyFault {
  digest: Digest;
  kind: "manifest" | "blob";
  /** In words that follow its name: "is missing". */
  why: string;
  /** `repository:tag` or `repository@digest`; the first of them. */
  of: string[];
  /** How many there are. */
  count: number;
}

/** What was looked at, and what was found. */
export interface VerifyReport {
  repositories: number;
  tags: number;
  manifests: number;
  /** Each counted once; with their bytes read, unless only sizes were compared. */
  blobs: number;
  bytes: number;
  /** What manifests name that was never pushed, as the rules in force allow. */
  holes: number;
  faults: VerifyFault[];
  /** Faults that are not in the list, because it was too long. */
  moreFaults: number;
  /** Blobs marked as damaged: clients see them as missing until they are pushed again. */
  marked: number;
  /** Why damaged blobs were not marked though they were to be. */
  notMarked?: string;
}

/** What is wrong below one manifest. */
export interface Finding extends Pick<VerifyFault, "digest" | "kind" | "why"> {
  /** The repository of the manifest doesn't have it, though it had. */
  lacking?: true;
}

const mostFaults = 10_000;
/** Places named for one fault: a base image's layer may be in thousands. */
const mostPlaces = 20;

export interface ReportWriter {
  readonly report: VerifyReport;
  found(finding: Finding, place: string): void;
}

export function createReport(): ReportWriter {
  const report: VerifyReport = {
    repositories: 0,
    tags: 0,
    manifests: 0,
    blobs: 0,
    bytes: 0,
    holes: 0,
    faults: [],
    moreFaults: 0,
    marked: 0,
  };
  const known = new Map<string, VerifyFault>();
  return {
    report,
    found({ digest, kind, why }, place) {
      const key = `${kind} ${digest} ${why}`;
      const before = known.get(key);
      if (before !== undefined) {
        before.count++;
        if (before.of.length < mostPlaces) before.of.push(place);
        return;
      }
      if (report.faults.length >= mostFaults) {
        report.moreFaults++;
        return;
      }
      const fault = { digest, kind, why, of: [place], count: 1 };
      known.set(key, fault);
      report.faults.push(fault);
    },
  };
}

export function placeOf(repository: RepositoryName, reference: Tag | Digest): string {
  return `${publicName(repository)}${reference.includes(":") ? "@" : ":"}${reference}`;
}
