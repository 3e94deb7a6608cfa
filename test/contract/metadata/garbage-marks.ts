import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import { engineRepository } from "#core/engine-name.ts";
import { alice } from "./audit-content.ts";
import { alpha, beta, blob, child, digest, layer, manifest, tag, type Open } from "./content.ts";
import { any, loose, looseManifests, manifests } from "./garbage-content.ts";

const hidden = engineRepository("0123456789abcdef");

/** Since when nothing names a blob, or holds a manifest. */
export function garbageMarkContract(open: Open): void {
  test("a blob is loose from its coming until a manifest names it, and again when the last one goes", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x", { now: 10 }));
    assert.deepEqual(await loose(metadata), [[digest("x"), 10]]);
    for (const text of ["m", "n"])
      await repositories.putManifest(manifest(alpha, text, { references: [layer("x")] }));
    assert.deepEqual(await loose(metadata), []);
    await repositories.deleteManifest(alpha, digest("m"), {}, 30, undefined);
    assert.deepEqual(await loose(metadata), []);
    await repositories.deleteManifest(alpha, digest("n"), {}, 40, undefined);
    assert.deepEqual(await loose(metadata), [[digest("x"), 40]]);
  });

  test("who brings it again, or mounts it again, makes it young again", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x", { now: 10 }));
    await repositories.addBlob(blob(alpha, "x", { now: 20 }));
    assert.deepEqual(await loose(metadata), [[digest("x"), 20]]);
    await repositories.mount(alpha, digest("x"), alpha, 30, undefined);
    assert.deepEqual(await loose(metadata), [[digest("x"), 30]]);
    await repositories.mount(alpha, digest("x"), undefined, 25, undefined);
    assert.deepEqual(await loose(metadata), [[digest("x"), 30]], "never older");
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("x")] }));
    await repositories.addBlob(blob(alpha, "x", { now: 50 }));
    await repositories.mount(alpha, digest("x"), alpha, 60, undefined);
    assert.deepEqual(await loose(metadata), []);
  });

  test("each repository counts by itself", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x", { now: 10 }));
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("x")] }));
    await repositories.mount(beta, digest("x"), alpha, 20, undefined);
    const [link, ...others] = await metadata.garbage.looseLinks(30, 9, undefined);
    assert.deepEqual(link, {
      repository: beta,
      digest: digest("x"),
      size: 1,
      unreferencedAt: 20,
      shared: true,
    });
    assert.deepEqual(others, []);
  });

  test("what was pushed as a blob is named by an index like by any manifest", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "child", { now: 10 }));
    await repositories.putManifest(manifest(alpha, "index", { references: [child("child")] }));
    assert.deepEqual(await loose(metadata), []);
    await repositories.deleteManifest(alpha, digest("index"), {}, 30, undefined);
    assert.deepEqual(await loose(metadata), [[digest("child"), 30]]);
  });

  test("a blob that a manifest names before it comes is never loose, in an engine's repository either", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(beta, "y", { now: 5 }));
    await repositories.putManifest(manifest(beta, "n", { references: [layer("y")] }));
    for (const repository of [alpha, hidden]) {
      const references = [layer("x", { required: false }), layer("y", { required: false })];
      await repositories.putManifest(manifest(repository, "m", { references }));
      await repositories.addBlob(blob(repository, "x", { now: 20 }));
      await repositories.mount(repository, digest("y"), beta, 20, undefined);
    }
    assert.deepEqual(await loose(metadata), []);
    await repositories.deleteManifest(hidden, digest("m"), {}, 40, undefined);
    const links = await metadata.garbage.looseLinks(99, 9, undefined);
    assert.deepEqual(
      links.map(({ repository }) => repository),
      [hidden, hidden],
    );
  });

  test("a manifest read as another type lets go what it doesn't name any more", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    for (const text of ["x", "y"]) await repositories.addBlob(blob(alpha, text, { now: 10 }));
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("x"), layer("y")] }));
    const mediaType = "application/vnd.oci.image.index.v1+json";
    await repositories.putManifest(manifest(alpha, "m", { mediaType, references: [child("y")], now: 50 }));
    assert.deepEqual(await loose(metadata), [[digest("x"), 50]]);
  });

  test("what is cached is nobody's garbage", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    const box = cachedName("docker.io/library/box" as typeof alpha);
    await repositories.addBlob(blob(box, "x"));
    await repositories.addBlob(blob(box, "y"));
    await repositories.addBlob(blob(box, "y", { now: 5000 }));
    await repositories.putManifest(manifest(box, "m", { references: [layer("x")] }));
    await repositories.putManifest(manifest(box, "n"));
    await repositories.deleteManifest(box, digest("m"), {}, 3000, undefined);
    assert.deepEqual(await loose(metadata), []);
    assert.deepEqual(await manifests(metadata), []);
    assert.equal(await garbage.touch(box, "blob", digest("y"), 9000, 0), true);
    assert.equal(await garbage.touch(box, "manifest", digest("n"), 9000, 0), true);
    assert.deepEqual(await loose(metadata), []);
    assert.deepEqual(await garbage.counts(), {
      ...{ looseLinks: 0, looseBytes: 0, tombstones: 0, tombstoneBytes: 0, strays: 0, strayBytes: 0 },
    });
  });

  test("a manifest is loose from its put until a tag holds it, and again when the last tag is elsewhere", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { now: 10 }));
    assert.deepEqual(await looseManifests(metadata), [[digest("m"), 10]]);
    await repositories.putManifest(manifest(alpha, "m", { now: 20, tags: any("a", "b") }));
    assert.deepEqual(await looseManifests(metadata), []);
    await repositories.putManifest(manifest(alpha, "n", { now: 30, tags: any("a") }));
    assert.deepEqual(await looseManifests(metadata), []);
    await repositories.putManifest(manifest(alpha, "n", { now: 40, tags: any("b") }));
    assert.deepEqual(await looseManifests(metadata), [[digest("m"), 40]]);
    // A deleted tag may come back for a while.
    for (const name of ["a", "b"]) await repositories.deleteTag(alpha, tag(name), {}, 50, undefined);
    assert.deepEqual(await looseManifests(metadata), [[digest("m"), 40]]);
    await tagRoom.forget(60, 9, 70);
    assert.deepEqual(await looseManifests(metadata), [
      [digest("m"), 40],
      [digest("n"), 70],
    ]);
  });

  test("children of an index and what refers to a subject are held by it, and let go with it", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "child", { now: 10 }));
    const references = [child("child")];
    await repositories.putManifest(manifest(alpha, "index", { now: 11, references, tags: any("a") }));
    await repositories.putManifest(manifest(alpha, "signature", { now: 12, subject: digest("index") }));
    await repositories.putManifest(
      manifest(alpha, "of signature", { now: 13, subject: digest("signature") }),
    );
    await repositories.putManifest(manifest(alpha, "early", { now: 14, subject: digest("not there") }));
    assert.deepEqual(await looseManifests(metadata), [[digest("early"), 14]]);
    await repositories.deleteManifest(alpha, digest("index"), {}, 50, undefined);
    const found = await manifests(metadata);
    assert.deepEqual(
      found.map(({ digest, looseSince, subject }) => [digest, looseSince, subject]),
      [
        [digest("child"), 50, undefined],
        [digest("signature"), 50, digest("index")],
        [digest("early"), 14, digest("not there")],
      ],
    );
    await repositories.putManifest(manifest(alpha, "not there", { now: 60, tags: any("b") }));
    assert.equal((await manifests(metadata)).length, 2, "a subject that comes later holds, too");
  });

  test("links and tags belong to who made them", async () => {
    await using metadata = await open();
    const { repositories, usage } = metadata;
    const bob = { ...alice, actorId: "user:bob", unrecorded: true as const };
    await repositories.addBlob(blob(alpha, "four", { by: alice }));
    await repositories.addBlob(blob(alpha, "four", { by: bob }));
    await repositories.mount(beta, digest("four"), alpha, 10, bob);
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a"), by: bob }));
    await repositories.putManifest(manifest(alpha, "n", { tags: any("a"), by: alice }));
    const used = (await usage.owners()).map(({ owner, bytes, tags }) => [owner, bytes, tags]);
    assert.deepEqual(
      used.sort(),
      [
        [alice.actorId, 4, 0],
        ["user:bob", 4, 1],
      ].sort(),
    );
  });
}
