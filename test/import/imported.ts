import assert from "node:assert/strict";
import type { ImportReport } from "#maintenance/importing/import-report.ts";
import { berth } from "../cli/captured.ts";

/** Runs `berth import distribution …` in this process. */
export async function imported(...args: string[]): Promise<{ code: number; report: ImportReport }> {
  const { code, stdout, stderr } = await berth(["import", "distribution", ...args, "--json"]);
  assert.equal(stderr, "");
  return { code, report: JSON.parse(stdout) as ImportReport };
}

/** The subjects and reasons of what was left out or is lacking, in no order. */
export function told(findings: ImportReport["leftOut"]): string[] {
  return findings.map(({ repository, subject, why }) => `${repository} ${subject}: ${why}`).sort();
}
