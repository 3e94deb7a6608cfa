/** Folders for backups, and the commands on them. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackupReport } from "#app/verbs/backup.ts";
import type { RestoreReport } from "#app/verbs/restore.ts";
import type { VerifyReport } from "#maintenance/verify/verify-report.ts";
import { berth } from "../cli/captured.ts";

export interface Places extends AsyncDisposable {
  /** A path in a folder of this test's own. */
  path(name: string): string;
}

export async function openPlaces(): Promise<Places> {
  const folder = await mkdtemp(join(tmpdir(), "berth-backup-"));
  return {
    path: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs a command with --json; its exit code, its result, and what it said. */
export async function runJson<T>(
  argv: readonly string[],
): Promise<{ code: number; report: T; stderr: string }> {
  const { code, stdout, stderr } = await berth([...argv, "--json"]);
  return { code, report: (stdout === "" ? undefined : JSON.parse(stdout)) as T, stderr };
}

export async function backUp(data: string, file: string, ...more: string[]): Promise<BackupReport> {
  const { code, report, stderr } = await runJson<BackupReport>(["backup", file, "--data", data, ...more]);
  assert.equal(code, 0, stderr);
  return report;
}

export async function restore(data: string, file: string, ...more: string[]): Promise<RestoreReport> {
  const { code, report, stderr } = await runJson<RestoreReport>(["restore", file, "--data", data, ...more]);
  assert.equal(code, 0, stderr);
  return report;
}

export function verify(data: string, ...more: string[]) {
  return runJson<VerifyReport>(["verify", "--data", data, ...more]);
}

/** Names in a folder; none where there is no such folder. */
export async function leftIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
