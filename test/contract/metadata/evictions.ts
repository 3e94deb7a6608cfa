import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import type { CachedPiece } from "#core/metadata/cached-content.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alpha, beta, blob, digest, latest, layer, location, manifest, type Open } from "./content.ts";
import { raceEvictions } from "./eviction-race.ts";

const box = cachedName("docker.io/library/box" as RepositoryName);
const quay = cachedName("quay.io/team/app" as RepositoryName);

const piece = (text: string, rest: Partial<CachedPiece> = {}): CachedPiece => ({
  repository: box,
  kind: "blob",
  digest: digest(text),
  size: text.length,
  pulledAt: 1000,
  ...rest,
});
const nothing = { bytes: 0, pieces: 0 };

export function evictionContract(open: Open): void {
  test("a blob that nobody else has is forgotten, and its location waits for its bytes to go", async () => {
    await using metadata = await open();
    const { repositories, cached, garbage } = metadata;
    await repositories.addBlob(blob(box, "xyz"));
    await repositories.putManifest(manifest(box, "m", { references: [layer("xyz")] }));
    assert.deepEqual(await cached.evict([piece("xyz")], 77), { bytes: 3, pieces: 1 });
    assert.equal(await repositories.blob(box, digest("xyz")), undefined);
    assert.equal(await repositories.recordedBlob(digest("xyz")), undefined);
    assert.equal(await repositories.mount(alpha, digest("xyz"), undefined, 80, undefined), undefined);
    assert.notEqual(await repositories.manifest(box, digest("m")), undefined, "what names it stays");
    assert.deepEqual(await garbage.tombstones(77, 9), []);
    assert.deepEqual(await garbage.tombstones(78, 9), [
      { location: location("at/xyz"), size: 3, buriedAt: 77 },
    ]);
    assert.deepEqual(await cached.evict([piece("xyz")], 90), nothing);
    const again = blob(alpha, "xyz", { location: location("second") });
    assert.deepEqual(await repositories.addBlob(again), { redundant: undefined });
    assert.equal((await repositories.blob(alpha, digest("xyz")))?.location, "second");
    assert.deepEqual(await garbage.tombstones(78, 9), [
      { location: location("at/xyz"), size: 3, buriedAt: 77 },
    ]);
    await garbage.forgetTombstones([location("at/xyz"), location("never")]);
    assert.deepEqual(await garbage.tombstones(78, 9), []);
    assert.deepEqual(await cached.evict([], 91), nothing);
  });

  test("a blob that a hosted repository or another upstream has keeps its bytes", async () => {
    await using metadata = await open();
    const { repositories, cached, garbage } = metadata;
    await repositories.addBlob(blob(box, "x"));
    await repositories.mount(quay, digest("x"), box, 1000, undefined);
    await repositories.addBlob(blob(alpha, "h"));
    await repositories.mount(box, digest("h"), alpha, 1000, undefined);
    assert.deepEqual(await cached.evict([piece("x"), piece("h")], 5), { bytes: 0, pieces: 2 });
    assert.equal(await repositories.blob(box, digest("h")), undefined);
    assert.equal((await repositories.blob(alpha, digest("h")))?.location, "at/h");
    assert.equal((await repositories.blob(quay, digest("x")))?.location, "at/x");
    assert.deepEqual(await cached.evict([piece("x", { repository: quay })], 6), { bytes: 1, pieces: 1 });
    assert.deepEqual(await garbage.tombstones(9, 9), [{ location: location("at/x"), size: 1, buriedAt: 6 }]);
  });

  test("a manifest goes with its tags", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    const tags = [{ name: latest, was: "any" as const }];
    await repositories.addBlob(blob(box, "x"));
    await repositories.putManifest(manifest(box, "mmmm", { tags, references: [layer("x")] }));
    await cached.confirm([{ repository: box, tag: latest, digest: digest("mmmm"), at: 9 }]);
    const mine = piece("mmmm", { kind: "manifest", pulledAt: 2000 });
    assert.deepEqual(await cached.evict([mine], 5), { bytes: 4, pieces: 1 });
    assert.equal(await cached.tag(box, latest), undefined);
    assert.equal(await repositories.manifest(box, digest("mmmm")), undefined);
    assert.equal(await cached.naming(box, digest("x")), undefined);
    assert.deepEqual(await repositories.tags(box, { limit: 9, last: undefined }), []);
    await repositories.putManifest(manifest(box, "mmmm", { tags, references: [layer("x")] }));
    assert.equal((await cached.tag(box, latest))?.checkedAt, 0);
    assert.deepEqual(await cached.evict([mine, mine], 6), { bytes: 4, pieces: 1 }, "said twice");
  });

  test("what was pulled, or came, after its place in the order was read stays; so does what is hosted", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    await repositories.addBlob(blob(box, "x"));
    assert.deepEqual(await cached.evict([piece("x", { pulledAt: 999 })], 5), nothing);
    await cached.pulled([{ repository: box, digest: digest("x"), at: 100_000 }]);
    assert.deepEqual(await cached.evict([piece("x")], 5), nothing);
    assert.notEqual(await repositories.blob(box, digest("x")), undefined);
    const late = piece("x", { pulledAt: 100_000 });
    assert.deepEqual(await cached.evict([late], 5), { bytes: 1, pieces: 1 });
    await repositories.addBlob(blob(box, "x", { location: location("new"), now: 100_001 }));
    assert.deepEqual(await cached.evict([late], 6), nothing, "it came again");
    for (const repository of [alpha, beta]) {
      await repositories.addBlob(blob(repository, "h"));
      await repositories.putManifest(manifest(repository, "m"));
      const hosted = { repository, pulledAt: 1e15 };
      const wanted = [piece("h", hosted), piece("m", { ...hosted, kind: "manifest" })];
      assert.deepEqual(await cached.evict(wanted, 7), nothing);
      assert.notEqual(await repositories.blob(repository, digest("h")), undefined);
    }
  });

  test("pushes, mounts, pulls and evictions at once never leave a link to what is gone", async () => {
    await using metadata = await open();
    await raceEvictions([metadata], 20);
  });
}
