import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { startBerth, type TestBerth } from "../harness/berth.ts";
import type { Response } from "../harness/registry-client.ts";

/** The real app under quotas. @param quotas items of the list, as YAML flow mappings */
export function startUnder(...quotas: string[]): Promise<TestBerth> {
  return startBerth({}, `quotas:\n${quotas.map((quota) => `  - {${quota}}\n`).join("")}`);
}

export interface OverDetail {
  quota: string;
  of: "bytes" | "tags";
  used: number;
  allowed: number;
  adding: number;
  words: { used: string; allowed: string; adding: string };
}

/** What a refusal for a quota says; fails the test where the answer is another. */
export function overQuota(answer: Response): OverDetail & { message: string } {
  assert.equal(answer.status, 403, answer.body.toString("utf8"));
  const { errors } = JSON.parse(answer.body.toString("utf8")) as {
    errors: [{ code: string; message: string; detail: OverDetail }];
  };
  assert.equal(errors[0].code, "DENIED");
  return { ...errors[0].detail, message: errors[0].message };
}

/** Files of blobs and of unfinished uploads in the data folder. */
export async function storedFiles(data: string): Promise<string[]> {
  const entries = await readdir(join(data, "storage"), { recursive: true, withFileTypes: true });
  const own = new Set(["berth-store-id"]);
  return entries.filter((entry) => entry.isFile() && !own.has(entry.name)).map(({ name }) => name);
}
