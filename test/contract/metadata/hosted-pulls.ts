import assert from "node:assert/strict";
import { test } from "node:test";
import type { RepositoryName } from "#oci/reference.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { alpha, beta, digest, manifest, tag, type Open } from "./content.ts";

const any = (...names: string[]) => names.map((name) => ({ name: tag(name), was: "any" as const }));

export function hostedPullContract(open: Open): void {
  test("pulls add up, times never go back, and what isn't there is left out", async () => {
    await using metadata = await open();
    const { repositories, hostedPulls } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a") }));
    await repositories.putManifest(manifest(beta, "m", { tags: any("a") }));
    assert.deepEqual(await pulls(metadata), [0, undefined]);
    await hostedPulls.note([]);
    const note = (at: number, count: number, text = "m", repository = alpha) =>
      hostedPulls.note([{ repository, digest: digest(text), at, count }]);
    await note(100, 2);
    await note(50, 1);
    await note(70, 1, "gone");
    await note(70, 1, "m", "nobody/here" as RepositoryName);
    assert.deepEqual(await pulls(metadata), [3, 100]);
    assert.deepEqual(await pulls(metadata, beta), [0, undefined]);
    const many = Array.from({ length: 1_200 }, (_, i) => ({
      repository: alpha,
      digest: digest("m"),
      at: 200 + i,
      count: 1,
    }));
    await hostedPulls.note(many);
    assert.deepEqual(await pulls(metadata), [1_203, 1_399]);
  });

  test("a manifest that went and came back was never pulled", async () => {
    await using metadata = await open();
    const { repositories, hostedPulls, cached } = metadata;
    const put = manifest(alpha, "m", { tags: any("a") });
    await repositories.putManifest(put);
    await hostedPulls.note([{ repository: alpha, digest: digest("m"), at: 100, count: 2 }]);
    assert.deepEqual(await cached.usage(), { total: 0, upstreams: [] }, "none of a cache's business");
    await repositories.deleteManifest(alpha, digest("m"), {}, 200, undefined);
    await repositories.putManifest(put);
    assert.deepEqual(await pulls(metadata), [0, undefined]);
  });
}

/** Of the repository's one tag. */
async function pulls({ tagRoom }: Metadata, repository = alpha): Promise<unknown[]> {
  const [tag] = await tagRoom.facts(repository, { limit: 1, last: undefined });
  return [tag?.pulls, tag?.pulledAt];
}
