import assert from "node:assert/strict";
import { test } from "node:test";
import { alpha, beta, blob, digest, layer, location, manifest, upload, type Open } from "./content.ts";

const facts = (text: string, at = `at/${text}`, damaged = false) => ({
  digest: digest(text),
  size: text.length,
  location: location(at),
  damaged,
});

/** As a repository has it. */
const linked = (text: string, at = `at/${text}`, damaged = false, linkedAt = 1000) => ({
  ...facts(text, at, damaged),
  linkedAt,
});

export function blobContract(open: Open): void {
  test("a blob is known in the repository that it was pushed to, and nowhere else", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    assert.equal(await repositories.exists(alpha), false);
    assert.equal(await repositories.blob(alpha, digest("x")), undefined);
    assert.deepEqual(await repositories.addBlob(blob(alpha, "x")), { redundant: undefined });
    assert.deepEqual(await repositories.blob(alpha, digest("x")), linked("x"));
    assert.equal(await repositories.blob(beta, digest("x")), undefined);
    assert.deepEqual(await repositories.anyBlob(digest("x")), facts("x"));
    assert.equal(await repositories.anyBlob(digest("y")), undefined);
    assert.equal(await repositories.exists(alpha), true);
    assert.equal(await repositories.exists(beta), false);
  });

  test("a blob of no bytes and one larger than 32 bits keep their size", async () => {
    await using metadata = await open();
    for (const [text, size] of [
      ["empty", 0],
      ["huge", 2 ** 43 + 1],
    ] as const) {
      await metadata.repositories.addBlob(blob(alpha, text, { size }));
      assert.equal((await metadata.repositories.blob(alpha, digest(text)))?.size, size);
    }
  });

  test("of two pushes of one blob the older location wins", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const answers = await Promise.all([
      repositories.addBlob(blob(alpha, "x", { location: location("one") })),
      repositories.addBlob(blob(beta, "x", { location: location("two") })),
    ]);
    const kept = await repositories.anyBlob(digest("x"));
    assert.ok(kept);
    const other = kept.location === "one" ? "two" : "one";
    assert.deepEqual(
      answers.map(({ redundant }) => redundant).filter((redundant) => redundant !== undefined),
      [other],
    );
    assert.deepEqual(await repositories.blob(alpha, digest("x")), { ...kept, linkedAt: 1000 });
    assert.deepEqual(await repositories.blob(beta, digest("x")), { ...kept, linkedAt: 1000 });
  });

  test("a location that is recorded twice is never redundant", async () => {
    await using metadata = await open();
    await metadata.repositories.addBlob(blob(alpha, "x"));
    const again = blob(beta, "x", { replace: location("at/x") });
    assert.deepEqual(await metadata.repositories.addBlob(again), { redundant: undefined });
    assert.deepEqual(await metadata.repositories.blob(beta, digest("x")), linked("x"));
  });

  test("`replace` puts a new location over the damaged one that it names, and only over that", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x", { location: location("bad") }));
    const fresh = blob(alpha, "x", { location: location("good"), replace: location("bad") });
    assert.deepEqual(await repositories.addBlob(fresh), { redundant: location("bad") });
    const late = blob(beta, "x", { location: location("late"), replace: location("bad") });
    assert.deepEqual(await repositories.addBlob(late), { redundant: location("late") });
    assert.equal((await repositories.blob(alpha, digest("x")))?.location, "good");
    assert.equal((await repositories.blob(beta, digest("x")))?.location, "good");
  });

  test("a blob in quarantine says so everywhere, isn't mounted, and is replaced by the next push", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.mount(beta, digest("x"), alpha, 1, undefined);
    await repositories.quarantine(digest("x"), location("elsewhere"));
    assert.deepEqual(await repositories.blob(alpha, digest("x")), linked("x"));
    await repositories.quarantine(digest("never pushed"), location("at/x"));
    await repositories.quarantine(digest("x"), location("at/x"));
    assert.deepEqual(await repositories.blob(alpha, digest("x")), linked("x", "at/x", true));
    assert.deepEqual(await repositories.blob(beta, digest("x")), linked("x", "at/x", true, 1));
    assert.deepEqual(await repositories.anyBlob(digest("x")), facts("x", "at/x", true));
    assert.equal(await repositories.mount(beta, digest("x"), alpha, 2, undefined), undefined);
    const fresh = blob(beta, "x", { location: location("fresh") });
    assert.deepEqual(await repositories.addBlob(fresh), { redundant: location("at/x") });
    assert.deepEqual(await repositories.blob(alpha, digest("x")), linked("x", "fresh"));
  });

  test("a blob that moved lies at its new location, unmarked; one that lies elsewhere by now isn't moved", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const move = (from: string, to: string) =>
      repositories.moveBlob(digest("x"), location(from), location(to));
    assert.equal(await move("at/x", "new/x"), false);
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.addBlob(blob(alpha, "y"));
    await repositories.quarantine(digest("x"), location("at/x"));
    assert.equal(await move("elsewhere", "new/x"), false);
    assert.deepEqual(await repositories.blob(alpha, digest("x")), linked("x", "at/x", true));
    assert.equal(await move("at/x", "new/x"), true);
    assert.deepEqual(await repositories.blob(alpha, digest("x")), linked("x", "new/x"));
    assert.equal(await move("at/x", "newer/x"), false);
    await repositories.quarantine(digest("x"), location("at/x"));
    assert.deepEqual(await repositories.recordedBlob(digest("x")), facts("x", "new/x"));
    assert.deepEqual(await repositories.recordedBlob(digest("y")), facts("y"));
  });

  test("every recorded blob comes once, by digest, page after page, linked or not, damaged or not", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    assert.deepEqual(await repositories.recordedBlobs({ limit: 10, last: undefined }), []);
    const texts = ["a", "b", "c", "d", "e"];
    for (const text of texts) await repositories.addBlob(blob(alpha, text));
    await repositories.unlinkBlob(alpha, digest("b"), 1, undefined);
    await repositories.quarantine(digest("c"), location("at/c"));
    const all = texts
      .map((text) => facts(text, `at/${text}`, text === "c"))
      .sort((a, b) => (a.digest < b.digest ? -1 : 1));
    for (const limit of [1, 2, 5, 100]) {
      const found = [];
      for (let last: string | undefined, pages = 0; pages < 10; pages++) {
        const page = await repositories.recordedBlobs({ limit, last });
        found.push(...page);
        last = page.at(-1)?.digest;
        if (page.length < limit) break;
      }
      assert.deepEqual(found, all);
    }
  });

  test("a push ends its upload session in the same change", async () => {
    await using metadata = await open();
    const { repositories, uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.begin(upload("u2"));
    await uploads.claim("u1", "me", 0, 100);
    await assert.rejects(
      repositories.addBlob(blob(alpha, "x", { upload: { id: "u1", holder: undefined }, now: 1 })),
      { code: "upload-busy" },
    );
    assert.equal(await repositories.blob(alpha, digest("x")), undefined);
    await repositories.addBlob(blob(alpha, "x", { upload: { id: "u1", holder: "me" }, now: 1 }));
    assert.equal(await uploads.find("u1"), undefined);
    assert.equal(await uploads.renew("u1", "me", 200), false);
    assert.notEqual(await uploads.find("u2"), undefined);
    assert.equal(await uploads.count(), 1);
  });

  test("who lost a session to somebody else doesn't end in a blob, however late", async () => {
    await using metadata = await open();
    const { repositories, uploads } = metadata;
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "first", 0, 100);
    await uploads.claim("u1", "second", 200, 300);
    const late = (now: number) =>
      repositories.addBlob(blob(alpha, "x", { upload: { id: "u1", holder: "first" }, now }));
    await assert.rejects(late(250), { code: "upload-busy" });
    await assert.rejects(late(400), { code: "upload-busy" }, "the other's claim ran out, too");
    await repositories.addBlob(blob(alpha, "y", { upload: { id: "u1", holder: "second" }, now: 500 }));
    await assert.rejects(late(600), { code: "upload-unknown" });
    assert.equal(await repositories.blob(alpha, digest("x")), undefined);
    // Without a claim nothing of the session's own is touched.
    await repositories.addBlob(blob(alpha, "x", { upload: { id: "u1", holder: undefined }, now: 700 }));
  });

  test("a mount links a blob of the named repository, or of any, and nothing else", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.addBlob(blob(alpha, "y"));
    assert.equal(await repositories.mount(beta, digest("gone"), undefined, 1, undefined), undefined);
    assert.equal(await repositories.mount(beta, digest("gone"), alpha, 1, undefined), undefined);
    assert.equal(await repositories.exists(beta), false, "a mount that fails leaves no repository behind");
    assert.deepEqual(await repositories.mount(beta, digest("x"), alpha, 1, undefined), facts("x"));
    assert.deepEqual(await repositories.blob(beta, digest("x")), linked("x", "at/x", false, 1));
    assert.equal(
      await repositories.mount(alpha, digest("y"), beta, 1, undefined),
      undefined,
      "beta has no y",
    );
    assert.deepEqual(await repositories.mount(beta, digest("y"), undefined, 1, undefined), facts("y"));
    assert.deepEqual(
      await repositories.mount(beta, digest("y"), beta, 1, undefined),
      facts("y"),
      "twice is fine",
    );
    assert.deepEqual(await repositories.blob(beta, digest("y")), linked("y", "at/y", false, 1));
  });

  test("an unlinked blob is gone from that repository only", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.mount(beta, digest("x"), alpha, 1, undefined);
    assert.deepEqual(await repositories.unlinkBlob(alpha, digest("x"), 2, undefined), {
      outcome: "unlinked",
    });
    assert.deepEqual(await repositories.unlinkBlob(alpha, digest("x"), 2, undefined), { outcome: "unknown" });
    assert.equal(await repositories.blob(alpha, digest("x")), undefined);
    assert.equal(await repositories.mount(alpha, digest("x"), alpha, 3, undefined), undefined);
    assert.deepEqual(await repositories.blob(beta, digest("x")), linked("x", "at/x", false, 1));
  });

  test("a blob that no repository links is unknown until it is pushed again", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.unlinkBlob(alpha, digest("x"), 2, undefined);
    assert.equal(await repositories.anyBlob(digest("x")), undefined);
    assert.deepEqual(await repositories.recordedBlob(digest("x")), facts("x"));
    assert.equal(await repositories.mount(beta, digest("x"), undefined, 3, undefined), undefined);
    assert.equal((await repositories.count()).blobs, 0);
    const again = blob(beta, "x", { location: location("second") });
    assert.deepEqual(await repositories.addBlob(again), { redundant: location("second") });
    assert.deepEqual(await repositories.anyBlob(digest("x")), facts("x"));
    assert.equal((await repositories.count()).blobs, 1);
  });

  test("a blob that a manifest of the repository uses can't be unlinked there", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.mount(beta, digest("x"), alpha, 1, undefined);
    await repositories.putManifest(manifest(alpha, "user", { references: [layer("x")] }));
    assert.deepEqual(await repositories.unlinkBlob(alpha, digest("x"), 2, undefined), {
      outcome: "in-use",
      manifest: digest("user"),
    });
    assert.notEqual(await repositories.blob(alpha, digest("x")), undefined);
    assert.deepEqual(await repositories.unlinkBlob(beta, digest("x"), 2, undefined), { outcome: "unlinked" });
    await repositories.deleteManifest(alpha, digest("user"), {}, 3000, undefined);
    assert.deepEqual(await repositories.unlinkBlob(alpha, digest("x"), 3, undefined), {
      outcome: "unlinked",
    });
  });
}
