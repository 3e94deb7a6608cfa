import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, everything, told } from "./audit-content.ts";
import {
  alpha,
  beta,
  blob,
  digest,
  latest,
  layer,
  location,
  manifest,
  tag,
  upload,
  type Open,
} from "./content.ts";

const any = (...names: string[]) => names.map((name) => ({ name: tag(name), was: "any" as const }));

export function auditChangeContract(open: Open): void {
  test("a change says who did it, from where, by which rule and when", async () => {
    await using metadata = await open();
    await metadata.repositories.addBlob(blob(alpha, "x", { by: alice, now: 1234 }));
    const [entry, ...more] = await everything(metadata);
    assert.ok(entry);
    const { id, ...rest } = entry;
    assert.deepEqual(rest, {
      ...alice,
      at: 1234,
      action: "push-blob",
      repository: alpha,
      tag: undefined,
      digest: digest("x"),
      subject: undefined,
      count: 1,
    });
    assert.deepEqual(more, []);
  });

  test("blobs: pushed, mounted from where it is known, taken out", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x", { by: alice }));
    await repositories.mount(beta, digest("x"), alpha, 1, alice);
    await repositories.mount(beta, digest("x"), undefined, 2, alice);
    await repositories.unlinkBlob(beta, digest("x"), 3, alice);
    assert.deepEqual(await told(metadata), [
      ["push-blob", alpha, digest("x")],
      ["mount-blob", beta, digest("x"), alpha],
      ["mount-blob", beta, digest("x")],
      ["delete-blob", beta, digest("x")],
    ]);
  });

  test("a push tells of the manifest, and of each tag that is new or moved", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "one", { tags: any("a", "b", "a"), by: alice }));
    await repositories.putManifest(manifest(alpha, "two", { tags: any("b", "c"), by: alice }));
    await repositories.putManifest(manifest(alpha, "two", { tags: any("b", "c"), by: alice }));
    await repositories.putManifest(manifest(alpha, "three", { by: alice }));
    assert.deepEqual(await told(metadata), [
      ["push-manifest", alpha, digest("one")],
      ["create-tag", alpha, "a", digest("one")],
      ["create-tag", alpha, "b", digest("one")],
      ["push-manifest", alpha, digest("two")],
      ["move-tag", alpha, "b", digest("two"), digest("one")],
      ["create-tag", alpha, "c", digest("two")],
      ["push-manifest", alpha, digest("two")],
      ["push-manifest", alpha, digest("three")],
    ]);
  });

  test("a delete tells of the manifest and of every tag that went with it", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(manifest(alpha, "one", { tags: any("b", "a", "c") }));
    await repositories.putManifest(manifest(alpha, "two", { tags: any("other") }));
    await repositories.deleteTag(alpha, tag("c"), {}, 5, alice);
    await repositories.deleteManifest(alpha, digest("one"), {}, 6, alice);
    assert.deepEqual(await told(metadata), [
      ["delete-tag", alpha, "c", digest("one")],
      ["delete-manifest", alpha, digest("one")],
      ["delete-tag", alpha, "a", digest("one")],
      ["delete-tag", alpha, "b", digest("one")],
    ]);
    const times = (await everything(metadata)).map(({ at }) => at);
    assert.deepEqual(times, [5, 6, 6, 6]);
  });

  test("nothing is written where audit is off", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.mount(beta, digest("x"), alpha, 1, undefined);
    await repositories.unlinkBlob(beta, digest("x"), 1, undefined);
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a", "b") }));
    await repositories.deleteTag(alpha, tag("a"), {}, 1, undefined);
    await repositories.deleteManifest(alpha, digest("m"), {}, 1, undefined);
    assert.deepEqual(await everything(metadata), []);
  });

  test("a change that is refused writes nothing", async () => {
    await using metadata = await open();
    const { repositories, uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "somebody else", 0, 10_000);
    const busy = blob(alpha, "y", { upload: { id: "u1", holder: undefined }, by: alice });
    await assert.rejects(repositories.addBlob(busy), { code: "upload-busy" });

    await repositories.addBlob(blob(alpha, "x"));
    await repositories.addBlob(blob(alpha, "bad"));
    await repositories.quarantine(digest("bad"), location("at/bad"));
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("x")], tags: any("latest") }));
    const by = alice;
    await repositories.mount(beta, digest("gone"), undefined, 1, by);
    await repositories.mount(beta, digest("bad"), alpha, 1, by);
    await repositories.unlinkBlob(alpha, digest("gone"), 1, by);
    await repositories.unlinkBlob(alpha, digest("x"), 1, by);
    const tags = [{ name: latest, was: "absent" as const }];
    await repositories.putManifest(manifest(alpha, "n", { tags, by }));
    await repositories.putManifest(manifest(alpha, "n", { references: [layer("gone")], by }));
    await repositories.putManifest(manifest(alpha, "n", { references: [layer("x", { size: 7 })], by }));
    const expect = { reference: digest("n"), is: "present" as const };
    await repositories.putManifest(manifest(alpha, "n", { expect, by }));
    await repositories.deleteTag(alpha, tag("gone"), {}, 1, by);
    await repositories.deleteTag(alpha, latest, { tagIs: digest("n") }, 1, by);
    await repositories.deleteManifest(alpha, digest("gone"), {}, 1, by);
    await repositories.deleteManifest(alpha, digest("m"), { tagsOfDigest: [] }, 1, by);
    assert.deepEqual(await everything(metadata), []);
  });

  test("of two changes at once of which one wins, one is told", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const tags = [{ name: latest, was: "absent" as const }];
    await Promise.all(
      ["one", "two"].map((text) => repositories.putManifest(manifest(alpha, text, { tags, by: alice }))),
    );
    const winner = (await repositories.manifestFacts(alpha, latest))?.digest;
    assert.deepEqual(await told(metadata), [
      ["push-manifest", alpha, winner],
      ["create-tag", alpha, latest, winner],
    ]);
  });
}
