import assert from "node:assert/strict";
import { test } from "node:test";
import { rejects } from "../blob-store-checks.ts";
import { alpha, beta, blob, digest, location, type Open } from "./content.ts";
import { ever, links, nothing } from "./garbage-content.ts";

/** Places in the store: tombstones, and bytes that no row knows. */
export function strayContract(open: Open): void {
  test("what lies in a tombstone's place doesn't become a blob, nor is a blob moved there", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await garbage.dropLinks(await links(metadata), ever, 5);
    await rejects(repositories.addBlob(blob(beta, "x")), "unavailable");
    assert.equal(await repositories.recordedBlob(digest("x")), undefined);
    await repositories.addBlob(blob(alpha, "y"));
    await rejects(repositories.moveBlob(digest("y"), location("at/y"), location("at/x")), "unavailable");
    assert.equal((await repositories.blob(alpha, digest("y")))?.location, "at/y");
    const replacing = { replace: location("at/y"), location: location("at/x") };
    await rejects(repositories.addBlob(blob(alpha, "y", replacing)), "unavailable");
  });

  test("bytes that no row knows become tombstones when they are seen so twice, far enough apart", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    const [stray, late, known] = ["stray", "late", "at/x"].map(location) as [never, never, never];
    await repositories.addBlob(blob(alpha, "x"));
    assert.deepEqual(await garbage.unknownLocations([stray, known, late]), [stray, late]);
    assert.deepEqual(await garbage.unknownLocations([]), []);
    const seen = [stray, late, known].map((place) => ({ location: place, size: 7 }));
    assert.deepEqual(await garbage.noteStrays(seen, 0, 100), nothing);
    assert.deepEqual(await garbage.noteStrays(seen, 100, 150), nothing);
    assert.deepEqual(await garbage.strays(9, undefined), [
      { location: late, size: 7, seenAt: 100 },
      { location: stray, size: 7, seenAt: 100 },
    ]);
    assert.deepEqual(await garbage.strays(9, late), [{ location: stray, size: 7, seenAt: 100 }]);
    await repositories.addBlob(blob(alpha, "late", { location: late }));
    assert.deepEqual(await garbage.noteStrays(seen, 101, 200), { count: 1, blobs: 1, bytes: 7 });
    assert.deepEqual(await garbage.noteStrays(seen, 101, 201), nothing);
    assert.deepEqual(await garbage.strays(9, undefined), []);
    assert.deepEqual(await garbage.tombstones(201, 9), [{ location: stray, size: 7, buriedAt: 200 }]);
    assert.deepEqual(await garbage.unknownLocations([stray, known, late]), []);
    await rejects(repositories.addBlob(blob(beta, "y", { location: stray })), "unavailable");
    await garbage.noteStrays([{ location: location("gone"), size: 1 }], 0, 300);
    await garbage.forgetStrays([location("gone"), location("never")]);
    assert.deepEqual(await garbage.strays(9, undefined), []);
  });

  test("which beginnings of locations are known", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    await repositories.addBlob(blob(alpha, "x", { location: location("s3/abc:7") }));
    await repositories.addBlob(blob(alpha, "y", { location: location("s3/abd") }));
    await garbage.dropLinks((await links(metadata)).slice(0, 1), ever, 5);
    const asked = ["s3/abc", "s3/abc:7", "s3/abd", "s3/abdx", "s3/abb", "s3/abc:8", "S3/ABC"];
    assert.deepEqual([...(await garbage.knownBeginnings(asked))].sort(), ["s3/abc", "s3/abc:7", "s3/abd"]);
    assert.deepEqual(await garbage.knownBeginnings([]), new Set());
  });

  test("what waits is counted", async () => {
    await using metadata = await open();
    const { repositories, garbage } = metadata;
    for (const text of ["a", "bb", "ccc", "dddd"]) await repositories.addBlob(blob(alpha, text));
    await repositories.unlinkBlob(alpha, digest("a"), 50, undefined);
    const last = (await links(metadata)).filter((one) => one.digest === digest("dddd"));
    await garbage.dropLinks(last, ever, 60);
    await garbage.noteStrays([{ location: location("stray"), size: 7 }], 0, 100);
    assert.deepEqual(await garbage.counts(), {
      ...{ looseLinks: 3, looseBytes: 6, tombstones: 1, tombstoneBytes: 4, strays: 1, strayBytes: 7 },
    });
  });
}
