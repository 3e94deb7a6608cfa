import assert from "node:assert/strict";
import { test } from "node:test";
import { alpha, beta, digest, latest, manifest, tag, type Open } from "./content.ts";

const tags = (...names: string[]) => names.map((name) => ({ name: tag(name), was: "any" as const }));
const all = { limit: 100, last: undefined };

export function deleteContract(open: Open): void {
  test("a deleted tag is gone and its manifest stays", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: tags("a", "b") }));
    assert.equal(await repositories.deleteTag(alpha, tag("a"), {}, 3000, undefined), "deleted");
    assert.equal(await repositories.deleteTag(alpha, tag("a"), {}, 3000, undefined), "unknown");
    assert.equal(await repositories.deleteTag(beta, tag("b"), {}, 3000, undefined), "unknown");
    assert.deepEqual(await repositories.tags(alpha, all), ["b"]);
    assert.notEqual(await repositories.manifest(alpha, digest("m")), undefined);
  });

  test("a deleted manifest takes its tags along, and only those", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: tags("a", "b") }));
    await repositories.putManifest(manifest(alpha, "n", { tags: tags("c") }));
    assert.equal(await repositories.deleteManifest(beta, digest("m"), {}, 3000, undefined), "unknown");
    assert.equal(await repositories.deleteManifest(alpha, digest("m"), {}, 3000, undefined), "deleted");
    assert.equal(await repositories.deleteManifest(alpha, digest("m"), {}, 3000, undefined), "unknown");
    assert.deepEqual(await repositories.tags(alpha, all), ["c"]);
    assert.equal(await repositories.manifest(alpha, tag("a")), undefined);
    assert.equal(await repositories.manifestFacts(alpha, digest("m")), undefined);
  });

  test("a manifest can be pushed again after its delete", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: tags("a") }));
    await repositories.deleteManifest(alpha, digest("m"), {}, 3000, undefined);
    const again = await repositories.putManifest(
      manifest(alpha, "m", { tags: [{ name: tag("a"), was: "absent" }] }),
    );
    assert.deepEqual(again, { outcome: "stored", moved: [] });
    assert.equal((await repositories.manifestFacts(alpha, tag("a")))?.digest, digest("m"));
  });

  test("a tag that moved meanwhile isn't deleted", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: tags("latest") }));
    assert.equal(
      await repositories.deleteTag(alpha, latest, { tagIs: digest("other") }, 3000, undefined),
      "changed",
    );
    assert.deepEqual(await repositories.tags(alpha, all), [latest]);
    assert.equal(
      await repositories.deleteTag(alpha, latest, { tagIs: digest("m") }, 3000, undefined),
      "deleted",
    );
  });

  test("a manifest whose tags are others by now isn't deleted", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: tags("a", "b") }));
    for (const tagsOfDigest of [[], [tag("a")], [tag("a"), tag("c")], [tag("a"), tag("b"), tag("c")]]) {
      assert.equal(
        await repositories.deleteManifest(alpha, digest("m"), { tagsOfDigest }, 3000, undefined),
        "changed",
      );
    }
    assert.notEqual(await repositories.manifest(alpha, tag("a")), undefined);
    const tagsOfDigest = [tag("b"), tag("a")];
    assert.equal(
      await repositories.deleteManifest(alpha, digest("m"), { tagsOfDigest }, 3000, undefined),
      "deleted",
    );
  });

  test("a repository without manifests still exists, is empty, and isn't in the catalog", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: tags("a") }));
    await repositories.deleteManifest(alpha, digest("m"), {}, 3000, undefined);
    assert.equal(await repositories.exists(alpha), true);
    assert.deepEqual(await repositories.tags(alpha, all), []);
    assert.deepEqual(await repositories.catalog(all), []);
  });
}
