import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { blobAt, manifestAt, repositoryOf, type GarbagePlan, type PlannedBlob } from "./plan.ts";

const batch = 5_000;

/**
 * Puts the plan into Distribution's tree on disk: blobs with their links, and of each manifest its bytes, the link of its
 * revision and its tag.
 */
export async function plantInDistribution(
  data: string,
  plan: GarbagePlan,
  signal: AbortSignal,
): Promise<void> {
  const root = join(data, "docker/registry/v2");
  const put = ({ hex, bytes }: PlannedBlob) => {
    const folder = join(root, "blobs/sha256", hex.slice(0, 2), hex);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "data"), bytes);
  };
  const link = (folder: string, hex: string) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "link"), `sha256:${hex}`);
  };
  await inTurns(plan.blobs, signal, (number) => {
    const blob = blobAt(number);
    put(blob);
    link(join(root, "repositories", repositoryOf(number), "_layers/sha256", blob.hex), blob.hex);
  });
  await inTurns(plan.manifests, signal, (number) => {
    const manifest = manifestAt(number);
    put(manifest);
    const manifests = join(root, "repositories", manifest.repository, "_manifests");
    for (const place of [
      `revisions/sha256/${manifest.hex}`,
      `tags/${manifest.tag}/current`,
      `tags/${manifest.tag}/index/sha256/${manifest.hex}`,
    ])
      link(join(manifests, place), manifest.hex);
  });
}

async function inTurns(count: number, signal: AbortSignal, one: (number: number) => void): Promise<void> {
  for (let number = 0; number < count; number++) {
    one(number);
    if (number % batch !== batch - 1) continue;
    await nextTurn();
    signal.throwIfAborted();
  }
}
