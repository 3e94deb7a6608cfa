import assert from "node:assert/strict";
import { test } from "node:test";
import { alpha, beta, blob, child, digest, latest, layer, manifest, tag, type Open } from "./content.ts";

export function putContract(open: Open): void {
  test("a manifest is read back as it was pushed, by digest and by tag", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const bytes = Buffer.from([0, 255, 10, 13, 0]);
    const put = manifest(alpha, "m", {
      bytes,
      size: bytes.length,
      mediaType: "a/b",
      tags: [{ name: latest, was: "any" }],
    });
    assert.deepEqual(await repositories.putManifest(put), { outcome: "stored", moved: [] });
    const facts = { digest: digest("m"), mediaType: "a/b", size: bytes.length, pushedAt: 2000 };
    for (const reference of [digest("m"), latest]) {
      const stored = await repositories.manifest(alpha, reference);
      assert.ok(stored);
      assert.deepEqual({ ...stored, bytes: Buffer.from(stored.bytes) }, { ...facts, bytes });
      assert.deepEqual(await repositories.manifestFacts(alpha, reference), facts);
      assert.equal(await repositories.manifest(beta, reference), undefined);
      assert.equal(await repositories.manifestFacts(beta, reference), undefined);
    }
    assert.equal(await repositories.manifest(alpha, tag("other")), undefined);
    assert.equal(await repositories.manifest(alpha, digest("other")), undefined);
  });

  test("a manifest of 4 MiB comes back whole", async () => {
    await using metadata = await open();
    const bytes = Buffer.alloc(4 * 1024 * 1024, "0123456789abcdef");
    await metadata.repositories.putManifest(manifest(alpha, "m", { bytes, size: bytes.length }));
    const stored = await metadata.repositories.manifest(alpha, digest("m"));
    assert.ok(stored && bytes.equals(stored.bytes));
  });

  test("tags compare bytewise: case matters", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "lower", { tags: [{ name: tag("v1"), was: "absent" }] }));
    await repositories.putManifest(manifest(alpha, "upper", { tags: [{ name: tag("V1"), was: "absent" }] }));
    assert.equal((await repositories.manifestFacts(alpha, tag("v1")))?.digest, digest("lower"));
    assert.equal((await repositories.manifestFacts(alpha, tag("V1")))?.digest, digest("upper"));
  });

  test("several tags move in one put, and `moved` names those that pointed elsewhere", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const tags = ["a", "b"].map((name) => ({ name: tag(name), was: "any" as const }));
    await repositories.putManifest(manifest(alpha, "one", { tags }));
    const more = [...tags, { name: tag("c"), was: "any" as const }, { name: tag("a"), was: "any" as const }];
    assert.deepEqual(await repositories.putManifest(manifest(alpha, "two", { tags: more })), {
      outcome: "stored",
      moved: ["a", "b"],
    });
    assert.deepEqual(await repositories.putManifest(manifest(alpha, "two", { tags: more })), {
      outcome: "stored",
      moved: [],
    });
    for (const name of ["a", "b", "c"]) {
      assert.equal((await repositories.manifestFacts(alpha, tag(name)))?.digest, digest("two"));
    }
    assert.notEqual(await repositories.manifest(alpha, digest("one")), undefined, "one stays by digest");
  });

  test("the same bytes again change nothing but the media type, and keep their tags", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: [{ name: latest, was: "any" }] }));
    await repositories.putManifest(manifest(alpha, "m"));
    const before = await repositories.count();
    await repositories.putManifest(
      manifest(alpha, "m", { mediaType: "x/y", references: [layer("hole", { required: false })] }),
    );
    assert.deepEqual(await repositories.count(), before);
    const stored = await repositories.manifest(alpha, latest);
    assert.equal(stored?.mediaType, "x/y");
    assert.equal(Buffer.from(stored.bytes).toString(), "m");
  });

  test("the same bytes as another media type forget what they named before", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.putManifest(manifest(alpha, "m", { mediaType: "a/b", references: [layer("x")] }));
    await repositories.putManifest(manifest(alpha, "m", { mediaType: "x/y" }));
    assert.deepEqual(await repositories.unlinkBlob(alpha, digest("x"), 1, undefined), {
      outcome: "unlinked",
    });
  });

  test("one digest in two repositories is two manifests", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { mediaType: "a/a" }));
    await repositories.putManifest(manifest(beta, "m", { mediaType: "b/b" }));
    assert.equal((await repositories.manifestFacts(alpha, digest("m")))?.mediaType, "a/a");
    await repositories.deleteManifest(alpha, digest("m"), {}, 3000, undefined);
    assert.equal((await repositories.manifestFacts(beta, digest("m")))?.mediaType, "b/b");
  });

  test("10,000 layers, many named twice, are stored and forgotten", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const references = Array.from({ length: 10_000 }, (_, i) =>
      (i % 2 === 0 ? layer : child)(`l${i % 7000}`, { required: false }),
    );
    const put = manifest(alpha, "wide", { references });
    assert.deepEqual(await repositories.putManifest(put), { outcome: "stored", moved: [] });
    await repositories.addBlob(blob(alpha, "l0"));
    assert.deepEqual(await repositories.unlinkBlob(alpha, digest("l0"), 1, undefined), {
      outcome: "in-use",
      manifest: digest("wide"),
    });
    assert.equal(await repositories.deleteManifest(alpha, digest("wide"), {}, 3000, undefined), "deleted");
    assert.deepEqual(await repositories.unlinkBlob(alpha, digest("l0"), 1, undefined), {
      outcome: "unlinked",
    });
  });

  test("counts follow what is there", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    assert.deepEqual(await repositories.count(), { repositories: 0, blobs: 0, manifests: 0, tags: 0 });
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.putManifest(manifest(beta, "m", { tags: [{ name: latest, was: "any" }] }));
    assert.deepEqual(await repositories.count(), { repositories: 2, blobs: 1, manifests: 1, tags: 1 });
  });

  test("the check for readiness passes, and passes again", async () => {
    await using metadata = await open();
    await metadata.check();
    await metadata.check();
  });
}
