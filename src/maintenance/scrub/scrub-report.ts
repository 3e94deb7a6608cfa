import type { Digest } from "#oci/digest.ts";

/** Something that isn't as it should be, where, and whether it is right again. */
export interface ScrubFault {
  /** `fact`: what metadata says of a repository or account. */
  kind: "blob" | "manifest" | "tag" | "fact";
  /** Undefined: it is about none. */
  digest: Digest | undefined;
  /** In words that follow its name: "is missing". */
  why: string;
  /** `repository:tag`, or `repository` where no tag leads to it; the first of them. */
  of: string[];
  /** How it was set right, in words; undefined: it wasn't. */
  repaired: string | undefined;
  /** Clients see it as missing until it is pushed again. */
  quarantined: boolean;
}

/** What was looked at, and what was found. */
export interface ScrubReport {
  repositories: number;
  manifests: number;
  blobs: number;
  /** That were read. */
  bytes: number;
  /** What manifests name that was never pushed, which is no damage. */
  holes: number;
  faults: ScrubFault[];
  /** Faults that are not in the list, because it was too long; those that were repaired, too. */
  moreFaults: number;
  /** Faults that are as they were. */
  left: number;
  repaired: number;
}

const mostFaults = 10_000;

export interface ScrubWriter {
  readonly report: ScrubReport;
  /** @returns the fault, for `repaired` */
  found(fault: Omit<ScrubFault, "repaired" | "quarantined">): ScrubFault;
  quarantined(fault: ScrubFault): void;
  repaired(fault: ScrubFault, how: string): void;
}

export function createScrubReport(): ScrubWriter {
  const report: ScrubReport = {
    repositories: 0,
    manifests: 0,
    blobs: 0,
    bytes: 0,
    holes: 0,
    faults: [],
    moreFaults: 0,
    left: 0,
    repaired: 0,
  };
  return {
    report,
    found(fault) {
      const made: ScrubFault = { ...fault, repaired: undefined, quarantined: false };
      report.left++;
      if (report.faults.length < mostFaults) report.faults.push(made);
      else report.moreFaults++;
      return made;
    },
    quarantined(fault) {
      fault.quarantined = true;
    },
    repaired(fault, how) {
      if (fault.repaired !== undefined) return;
      fault.repaired = how;
      fault.quarantined = false;
      report.left--;
      report.repaired++;
    },
  };
}
