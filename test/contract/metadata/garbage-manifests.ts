import assert from "node:assert/strict";
import { test } from "node:test";
import { alpha, blob, child, digest, layer, manifest, tag, type Open } from "./content.ts";
import { any, loose, looseManifests, manifests, usageOf } from "./garbage-content.ts";

/** Manifests that nothing holds, and their way out. */
export function looseManifestContract(open: Open): void {
  test("loose manifests are looked for page by page", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    for (const [i, text] of ["a", "b", "c", "d"].entries())
      await repositories.putManifest(manifest(alpha, text, { tags: i === 1 ? any("b") : [] }));
    const first = await garbage.looseManifests(2, undefined);
    assert.deepEqual(
      first.manifests.map((one) => one.digest),
      [digest("a")],
    );
    const second = await garbage.looseManifests(2, first.next);
    assert.deepEqual(
      second.manifests.map((one) => one.digest),
      [digest("c"), digest("d")],
    );
    assert.deepEqual(await garbage.looseManifests(2, second.next), { manifests: [], next: undefined });
  });

  test("a dropped manifest lets go what it held, for later", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "x", { now: 5 }));
    await repositories.putManifest(manifest(alpha, "child", { now: 10, references: [layer("x")] }));
    await repositories.putManifest(manifest(alpha, "index", { now: 10, references: [child("child")] }));
    await repositories.putManifest(manifest(alpha, "signed", { now: 10, subject: digest("index") }));
    const chosen = await manifests(metadata);
    assert.deepEqual(
      chosen.map((one) => one.digest),
      [digest("index")],
    );
    assert.deepEqual(await garbage.dropManifests(chosen, 10, 20), { manifests: 0, bytes: 0 });
    assert.deepEqual(await garbage.dropManifests(chosen, 11, 20), { manifests: 1, bytes: 5 });
    assert.deepEqual(await garbage.dropManifests(chosen, 11, 21), { manifests: 0, bytes: 0 });
    assert.equal(await repositories.manifest(alpha, digest("index")), undefined);
    const [event] = await metadata.outbox.latest(1);
    assert.deepEqual(
      [event?.action, event?.digest, event?.subject],
      ["delete", digest("index"), "garbage collection"],
    );
    const next = await manifests(metadata);
    assert.deepEqual(await looseManifests(metadata), [
      [digest("child"), 20],
      [digest("signed"), 20],
    ]);
    assert.deepEqual(await garbage.dropManifests(next, 20, 30), { manifests: 0, bytes: 0 });
    assert.deepEqual(await garbage.dropManifests(next, 21, 30), { manifests: 2, bytes: 11 });
    assert.deepEqual(await loose(metadata), [[digest("x"), 30]]);
    assert.deepEqual(await usageOf(metadata, alpha), [1, 1, 0]);
  });

  test("a manifest that something holds again between choosing and dropping stays", async () => {
    await using metadata = await open();
    const { repositories, garbage, tagRoom } = metadata;
    const texts = ["tagged", "put", "touched", "listed", "subject's", "restored", "left"];
    for (const text of texts) {
      const subject = text === "subject's" ? digest("subject") : undefined;
      const tags = text === "restored" ? any("r") : [];
      await repositories.putManifest(manifest(alpha, text, { now: 10, subject, tags }));
    }
    const chosen = await manifests(metadata);
    await repositories.deleteTag(alpha, tag("r"), {}, 11, undefined);
    assert.equal(chosen.length, 6);
    await repositories.putManifest(manifest(alpha, "tagged", { now: 10, tags: any("t") }));
    await repositories.putManifest(manifest(alpha, "put", { now: 60 }));
    assert.equal(await garbage.touch(alpha, "manifest", digest("touched"), 60, 0), true);
    await repositories.putManifest(manifest(alpha, "index", { now: 10, references: [child("listed")] }));
    await repositories.putManifest(manifest(alpha, "subject", { now: 10 }));
    assert.deepEqual(await garbage.dropManifests(chosen, 50, 70), { manifests: 1, bytes: 4 });
    for (const text of texts.slice(0, -1)) assert.ok(await repositories.manifest(alpha, digest(text)), text);
    const [removed] = await tagRoom.removed(alpha, { limit: 1, after: undefined });
    assert.ok(removed);
    assert.equal((await tagRoom.restore(removed.id, "any", 80, undefined)).outcome, "restored");
  });
}
