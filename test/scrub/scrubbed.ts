/** Commands that keep house on a registry, and damage planted in one. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { RebuildReport } from "#app/verbs/rebuild.ts";
import type { ScrubFault, ScrubReport } from "#maintenance/scrub/scrub-report.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { runJson } from "../backup/places.ts";

export function scrub(data: string, ...more: string[]) {
  return runJson<ScrubReport>(["scrub", "--data", data, ...more]);
}

export function rebuild(data: string, ...more: string[]) {
  return runJson<RebuildReport>(["rebuild", "--yes", "--data", data, ...more]);
}

/** A line for each fault, sorted: `kind digest why [how it was set right] places`. */
export function faultLines(report: ScrubReport): string[] {
  return report.faults.map(faultLine).sort();
}

function faultLine({ kind, digest, why, repaired, of }: ScrubFault): string {
  const parts = [kind, digest, why, repaired && `[${repaired}]`, [...of].sort().join()];
  return parts.filter((part) => part !== undefined && part !== "").join(" ");
}

export async function flipByte(data: string, digest: string): Promise<string> {
  const file = await blobFile(data, digest);
  const bytes = await readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(file, bytes);
  return file;
}

/** Runs statements in the database beside the server, with no look at foreign keys and without triggers. */
export function plant(data: string, ...statements: [text: string, ...values: unknown[]][]): void {
  const db = new Database(join(data, "berth.db"));
  try {
    db.pragma("foreign_keys = OFF");
    const triggers = db
      .prepare<[], { name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
      )
      .all();
    db.transaction(() => {
      for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
      for (const [text, ...values] of statements) db.prepare(text).run(...values);
      for (const { sql } of triggers) db.exec(sql);
    })();
  } finally {
    db.close();
  }
}

/** Of the database beside the server. */
export function ask<T>(data: string, text: string, ...values: unknown[]): T {
  const db = new Database(join(data, "berth.db"), { readonly: true });
  try {
    return db
      .prepare(text)
      .pluck()
      .get(...values) as T;
  } finally {
    db.close();
  }
}
