import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { VolumeRecord } from "#core/engine/volume.ts";

/** A folder for one test, gone after it. */
export async function freshFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "berth-engine-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function volume(name: string, labels: Record<string, string> = {}): VolumeRecord {
  return { name, driver: "local", created: "2026-01-01T00:00:00Z", labels, options: {}, anonymous: false };
}
