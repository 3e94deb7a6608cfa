import type { Results } from "./results.ts";

/**
 * Why a run doesn't count as conformant; empty when every test passed. A test that was skipped or disabled
 * proves nothing, so it counts like a failed one. The reports are looked at from three sides, since each
 * could be wrong alone: the totals, the single tests, and the end-points and contents.
 */
export function faultsOf({ counts, shortcomings, endpoints, contents }: Results): string[] {
  const faults: string[] = [];
  for (const way of ["fail", "error", "skip", "disabled"] as const) {
    if (counts[way] > 0) faults.push(`${counts[way]} ${way}`);
  }
  if (counts.pass <= 0) faults.push("no test passed");
  for (const { test, status, reason } of shortcomings) {
    faults.push(`${status}: ${test}${reason === "" ? "" : ` — ${reason}`}`);
  }
  if (endpoints.length === 0) faults.push("the suite reports no end-point");
  for (const [name, status] of [...endpoints, ...contents]) {
    if (status !== "Pass") faults.push(`${status}: ${name} as a whole`);
  }
  return faults;
}
