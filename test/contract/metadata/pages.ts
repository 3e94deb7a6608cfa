import assert from "node:assert/strict";
import { test } from "node:test";
import type { RepositoryName } from "#oci/reference.ts";
import { alpha, beta, blob, manifest, tag, type Open } from "./content.ts";

const put = (...names: string[]) =>
  manifest(alpha, "m", { tags: names.map((name) => ({ name: tag(name), was: "any" as const })) });

export function pageContract(open: Open): void {
  test("tags come in bytewise order, page by page, each once", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const names = ["a", "B", "_", "0", "10", "9", "a.b", "a-b", "a_b", "aa", "Z", "v1.10", "v1.9"];
    await repositories.putManifest(put(...names));
    const found: string[] = [];
    for (let i = 0; i <= names.length; i++) {
      const page = await repositories.tags(alpha, { limit: 3, last: found.at(-1) });
      if (page.length === 0) break;
      assert.ok(page.length <= 3);
      found.push(...page);
    }
    assert.deepEqual(found, [...names].sort());
    assert.deepEqual(await repositories.tags(alpha, { limit: 0, last: undefined }), []);
    assert.deepEqual(await repositories.tags(beta, { limit: 3, last: undefined }), []);
  });

  test("`last` need not be a tag: any text works", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(put("b", "d"));
    const after = async (last: string) => repositories.tags(alpha, { limit: 9, last });
    assert.deepEqual(await after(""), ["b", "d"]);
    assert.deepEqual(await after("c"), ["d"]);
    assert.deepEqual(await after("b\0"), ["d"]);
    assert.deepEqual(await after("'; DROP TABLE tags; --"), ["b", "d"]);
    assert.deepEqual(await after("ü"), []);
    assert.deepEqual(await after("\ud800"), []);
    assert.deepEqual(await after("z".repeat(100_000)), []);
  });

  test("inserts and deletes between pages neither repeat nor skip what stayed", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(put("b", "d", "f", "h"));
    assert.deepEqual(await repositories.tags(alpha, { limit: 2, last: undefined }), ["b", "d"]);
    await repositories.putManifest(put("a", "c", "e"));
    await repositories.deleteTag(alpha, tag("d"), {}, 3000, undefined);
    await repositories.deleteTag(alpha, tag("f"), {}, 3000, undefined);
    assert.deepEqual(await repositories.tags(alpha, { limit: 9, last: "d" }), ["e", "h"]);
  });

  test("the catalog lists repositories that hold a manifest, in bytewise order, page by page", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const names = ["b/c", "a", "b", "b-c", "a/z/y", "c0", "c"] as RepositoryName[];
    for (const name of names) await repositories.putManifest(manifest(name, "m"));
    await repositories.addBlob(blob("blobs/only" as RepositoryName, "x"));
    const found: string[] = [];
    for (let i = 0; i <= names.length; i++) {
      const page = await repositories.catalog({ limit: 2, last: found.at(-1) });
      if (page.length === 0) break;
      assert.ok(page.length <= 2);
      found.push(...page);
    }
    assert.deepEqual(found, [...names].sort());
  });
}
