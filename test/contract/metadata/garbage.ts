import assert from "node:assert/strict";
import { test } from "node:test";
import { engineRepository } from "#core/engine-name.ts";
import type { LooseLink } from "#core/metadata/garbage.ts";
import { alpha, beta, blob, child, digest, layer, location, manifest, type Open } from "./content.ts";
import { any, ever, links, loose, looseManifests, manifests, nothing, usageOf } from "./garbage-content.ts";
import { looseManifestContract } from "./garbage-manifests.ts";
import { garbageMarkContract } from "./garbage-marks.ts";
import { raceGarbage } from "./garbage-race.ts";
import { strayContract } from "./garbage-strays.ts";

export function garbageContract(open: Open): void {
  garbageMarkContract(open);
  looseManifestContract(open);
  strayContract(open);

  test("loose links come oldest first, page by page, also when what ended a page is gone", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    for (const [i, text] of ["a", "b", "c", "d", "e"].entries())
      await repositories.addBlob(blob(i % 2 === 0 ? alpha : beta, text, { now: 100 - (i >> 1) }));
    const order = (await links(metadata)).map(({ unreferencedAt }) => unreferencedAt);
    assert.deepEqual(order, [98, 99, 99, 100, 100]);
    assert.equal((await garbage.looseLinks(100, 9, undefined)).length, 3);
    for (const drops of [false, true]) {
      const seen: string[] = [];
      let after: LooseLink | undefined;
      for (let page = 0; page < 6; page++) {
        const [link] = await garbage.looseLinks(ever, 1, after);
        if (link === undefined) break;
        seen.push(link.digest);
        if (drops) await garbage.dropLinks([link], ever, 200);
        after = link;
      }
      assert.deepEqual(seen.sort(), ["a", "b", "c", "d", "e"].map(digest).sort(), `drops: ${drops}`);
    }
  });

  test("a dropped link is gone, and where nobody else has the blob its location is a tombstone", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "own"));
    await repositories.addBlob(blob(alpha, "shared"));
    await repositories.mount(beta, digest("shared"), alpha, 10, undefined);
    await repositories.putManifest(manifest(beta, "m", { references: [layer("shared")] }));
    const chosen = await links(metadata);
    assert.deepEqual(chosen.map(({ shared }) => shared).sort(), [false, true]);
    const [used] = await usageOf(metadata, alpha);
    assert.equal(used, 9);
    assert.deepEqual(await garbage.dropLinks(chosen, ever, 77), { count: 2, blobs: 1, bytes: 3 });
    assert.deepEqual(await garbage.dropLinks(chosen, ever, 78), nothing);
    assert.equal(await repositories.blob(alpha, digest("own")), undefined);
    assert.equal(await repositories.recordedBlob(digest("own")), undefined);
    assert.equal(await repositories.blob(alpha, digest("shared")), undefined);
    assert.equal((await repositories.blob(beta, digest("shared")))?.location, "at/shared");
    assert.deepEqual(await usageOf(metadata, alpha), [0, 0, 0]);
    assert.deepEqual(await usageOf(metadata, beta), [7, 1, 1]);
    assert.deepEqual(await garbage.tombstones(77, 9), []);
    const buried = { location: location("at/own"), size: 3, buriedAt: 77 };
    assert.deepEqual(await garbage.tombstones(78, 9), [buried]);
    assert.deepEqual(await garbage.tombstones(78, 9, buried), []);
    const before = { ...buried, location: location("a") };
    for (const after of [before, { ...buried, buriedAt: 76 }])
      assert.deepEqual(await garbage.tombstones(78, 9, after), [buried]);
    await garbage.forgetTombstones([location("at/own"), location("never")]);
    assert.deepEqual(await garbage.tombstones(ever, 9), []);
  });

  test("of blobs that are collected no event tells: there may be very many of them", async () => {
    await using metadata = await open();
    const { repositories, garbage, outbox } = metadata;
    for (const text of ["x", "yy"]) await repositories.addBlob(blob(alpha, text));
    await repositories.unlinkBlob(alpha, digest("yy"), 20, undefined);
    const newest = await outbox.newest();
    assert.equal((await garbage.dropLinks(await links(metadata), ever, 77)).blobs, 1);
    assert.equal((await garbage.dropBlobs(await garbage.looseBlobs(ever, 9), ever, 77)).blobs, 1);
    assert.equal(await outbox.newest(), newest);
  });

  test("a blob that several repositories link is buried with the last of them", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.mount(beta, digest("x"), alpha, 10, undefined);
    const chosen = await links(metadata);
    assert.deepEqual(await garbage.dropLinks([...chosen, ...chosen], ever, 5), {
      ...{ count: 2, blobs: 1, bytes: 1 },
    });
  });

  test("what came back to life between choosing and dropping stays", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    const texts = ["pushed", "mounted", "touched", "named", "indexed", "left"];
    for (const text of texts) await repositories.addBlob(blob(alpha, text, { now: 10 }));
    const chosen = await links(metadata, 50);
    assert.equal(chosen.length, texts.length);
    await repositories.addBlob(blob(alpha, "pushed", { now: 60 }));
    await repositories.mount(alpha, digest("mounted"), alpha, 60, undefined);
    assert.equal(await garbage.touch(alpha, "blob", digest("touched"), 60, 0), true);
    const references = [layer("named"), child("indexed")];
    await repositories.putManifest(manifest(alpha, "m", { references }));
    assert.deepEqual(await garbage.dropLinks(chosen, 50, 70), { count: 1, blobs: 1, bytes: 4 });
    for (const text of texts.slice(0, -1)) assert.ok(await repositories.blob(alpha, digest(text)), text);
    assert.equal(await repositories.blob(alpha, digest("left")), undefined);
  });

  test("a push after its blob was dropped has bytes of its own", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await garbage.dropLinks(await links(metadata), ever, 5);
    assert.equal(await repositories.mount(beta, digest("x"), alpha, 6, undefined), undefined);
    const again = blob(alpha, "x", { location: location("second") });
    assert.deepEqual(await repositories.addBlob(again), { redundant: undefined });
    assert.equal((await repositories.blob(alpha, digest("x")))?.location, "second");
    assert.equal((await garbage.tombstones(ever, 9)).length, 1);
  });

  test("a blob whose last link somebody deleted goes when nobody brought it back", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    for (const text of ["x", "yy"]) {
      await repositories.addBlob(blob(alpha, text));
      await repositories.unlinkBlob(alpha, digest(text), 50, undefined);
    }
    assert.deepEqual(await garbage.looseBlobs(50, 9), []);
    const chosen = await garbage.looseBlobs(51, 9);
    assert.deepEqual(chosen.map(({ size, unreferencedAt }) => [size, unreferencedAt]).sort(), [
      [1, 50],
      [2, 50],
    ]);
    await repositories.addBlob(blob(beta, "yy", { now: 60 }));
    assert.deepEqual(await garbage.dropBlobs(chosen, 51, 70), { count: 1, blobs: 1, bytes: 1 });
    assert.deepEqual(await garbage.dropBlobs(chosen, 51, 71), nothing);
    assert.equal((await repositories.blob(beta, digest("yy")))?.location, "at/yy");
    assert.deepEqual(await garbage.tombstones(ever, 9), [
      { location: location("at/x"), size: 1, buriedAt: 70 },
    ]);
  });

  test("who is told that something is there finds it for a while, and it is written once in so long", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "x", { now: 1000 }));
    await repositories.putManifest(manifest(alpha, "m", { now: 1000 }));
    const touch = (kind: "blob" | "manifest", now: number) =>
      garbage.touch(alpha, kind, digest(kind === "blob" ? "x" : "m"), now, 500);
    for (const kind of ["blob", "manifest"] as const) {
      const since = async () => (await (kind === "blob" ? loose : looseManifests)(metadata))[0]?.[1];
      assert.equal(await touch(kind, 1499), true);
      assert.equal(await since(), 1000);
      assert.equal(await touch(kind, 1500), true);
      assert.equal(await since(), 1500);
      assert.equal(await touch(kind, 1200), true);
      assert.equal(await since(), 1500);
      assert.equal(await garbage.touch(beta, kind, digest("x"), 1, 0), false);
      assert.equal(await garbage.touch(alpha, kind, digest("never"), 1, 0), false);
    }
    await garbage.dropLinks(await links(metadata), ever, 5);
    await garbage.dropManifests(await manifests(metadata), ever, 5);
    for (const kind of ["blob", "manifest"] as const) assert.equal(await touch(kind, 9000), false);
  });

  test("what is held isn't touched", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "x", { now: 10 }));
    const references = [layer("x")];
    await repositories.putManifest(manifest(alpha, "m", { now: 20, references, tags: any("a") }));
    assert.equal(await garbage.touch(alpha, "blob", digest("x"), 500, 0), true);
    assert.equal(await garbage.touch(alpha, "manifest", digest("m"), 500, 0), true);
    assert.deepEqual(await loose(metadata), []);
    await repositories.putManifest(manifest(alpha, "n", { now: 100, tags: any("a") }));
    assert.deepEqual(await looseManifests(metadata), [[digest("m"), 100]]);
  });

  test("of two that drop the same at once each thing goes once", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    for (const text of ["a", "b", "c"]) {
      await repositories.addBlob(blob(alpha, text));
      await repositories.mount(beta, digest(text), alpha, 10, undefined);
      await repositories.putManifest(manifest(alpha, `m${text}`));
    }
    const chosen = await links(metadata);
    const others = await manifests(metadata);
    const drops = await Promise.all([
      garbage.dropLinks(chosen, ever, 5),
      garbage.dropLinks(chosen.toReversed(), ever, 5),
    ]);
    assert.deepEqual(
      drops.reduce((sum, one) => ({
        count: sum.count + one.count,
        blobs: sum.blobs + one.blobs,
        bytes: sum.bytes + one.bytes,
      })),
      { count: 6, blobs: 3, bytes: 3 },
    );
    const removed = await Promise.all([
      garbage.dropManifests(others, ever, 5),
      garbage.dropManifests(others.toReversed(), ever, 5),
    ]);
    assert.equal(
      removed.reduce((sum, one) => sum + one.manifests, 0),
      3,
    );
    assert.equal((await garbage.tombstones(ever, 9)).length, 3);
    for (const repository of [alpha, beta]) assert.deepEqual(await usageOf(metadata, repository), [0, 0, 0]);
  });

  test("whichever comes first, a push or a drop of the same blob, the push has its bytes", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    for (let n = 0; n < 10; n++) await repositories.addBlob(blob(alpha, `b${n}`, { now: 10 }));
    const chosen = await links(metadata);
    const pushes = Array.from({ length: 10 }, (_, n) =>
      repositories.addBlob(blob(beta, `b${n}`, { now: 60, location: location(`second/${n}`) })),
    );
    const [dropped] = await Promise.all([garbage.dropLinks(chosen, 50, 70), ...pushes]);
    assert.equal(dropped.count, 10);
    const buried = new Set((await garbage.tombstones(ever, 99)).map((one) => one.location));
    assert.equal(buried.size, dropped.blobs);
    for (let n = 0; n < 10; n++) {
      const facts = await repositories.blob(beta, digest(`b${n}`));
      assert.ok(facts && !buried.has(facts.location), `b${n}`);
    }
  });

  test("an engine's repository is like any other, but nobody is told of it", async () => {
    await using metadata = await open();
    const { repositories, garbage, outbox } = metadata;
    const hidden = engineRepository("0123456789abcdef");
    await repositories.addBlob(blob(hidden, "x"));
    await repositories.putManifest(manifest(hidden, "m"));
    assert.equal((await garbage.dropManifests(await manifests(metadata), ever, 5)).manifests, 1);
    assert.equal((await garbage.dropLinks(await links(metadata), ever, 5)).blobs, 1);
    assert.deepEqual(await outbox.latest(9), []);
  });

  test("pushes, mounts, manifests, HEADs and drops at once never leave a link to what is gone", async () => {
    await using metadata = await open();
    await raceGarbage([metadata], 15);
  });
}
