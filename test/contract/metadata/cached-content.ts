import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import type { CachedPiece, Mirror } from "#core/metadata/cached-content.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alpha, blob, child, digest, latest, layer, location, manifest, tag, type Open } from "./content.ts";

const name = (text: string) => text as RepositoryName;
export const box = cachedName(name("docker.io/library/box"));
const other = cachedName(name("docker.io/team/other"));
const quay = cachedName(name("quay.io/team/app"));
const never = Number.MAX_SAFE_INTEGER;
const last = undefined;

/** All pieces, page by page, in short. */
async function coldest({ cached }: Metadata, upstream?: string, limit = 2, before = never) {
  const found: CachedPiece[] = [];
  for (let after: CachedPiece | undefined; found.length < 100;) {
    const page = await cached.coldest({ upstream, before, limit, after });
    found.push(...page);
    after = page.at(-1);
    if (page.length < limit) break;
  }
  return found;
}

async function times(metadata: Metadata): Promise<Record<string, number>> {
  const found = await coldest(metadata, undefined, 50);
  return Object.fromEntries(found.map((piece) => [`${piece.repository} ${piece.digest}`, piece.pulledAt]));
}

export function cachedContentContract(open: Open): void {
  test("a cached tag says when the upstream last named that manifest by it", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    assert.equal(await cached.tag(box, latest), undefined);
    const tags = [{ name: latest, was: "any" as const }];
    const facts = { digest: digest("m1"), mediaType: manifest(box, "m1").mediaType, size: 2 };
    await repositories.putManifest(manifest(box, "m1", { tags }));
    assert.deepEqual(await cached.tag(box, latest), { ...facts, checkedAt: 0 });
    const confirm = (text: string, at: number) => ({
      repository: box,
      tag: latest,
      digest: digest(text),
      at,
    });
    await cached.confirm([
      confirm("m1", 500),
      confirm("other", 900),
      { ...confirm("m1", 9), tag: tag("no") },
    ]);
    assert.deepEqual(await cached.tag(box, latest), { ...facts, checkedAt: 500 });
    await cached.confirm([confirm("m1", 400)]);
    await repositories.putManifest(manifest(box, "m1", { tags }));
    assert.equal(
      (await cached.tag(box, latest))?.checkedAt,
      500,
      "neither older news nor the same put again",
    );
    await repositories.putManifest(manifest(box, "m2", { tags }));
    assert.equal((await cached.tag(box, latest))?.checkedAt, 0, "it names another manifest");
    await repositories.putManifest(manifest(box, "m1", { tags }));
    assert.equal((await cached.tag(box, latest))?.checkedAt, 0);
    await cached.confirm([]);
  });

  test("what names a digest, who holds a blob and which repositories an upstream has", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    const put = manifest(box, "m", { references: [layer("x", { required: false })] });
    await repositories.putManifest(put);
    assert.equal(await cached.naming(box, digest("x")), digest("m"));
    assert.equal(await cached.naming(other, digest("x")), undefined);
    assert.equal(await cached.holder("docker.io", digest("x")), undefined);
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.addBlob(blob(name("docker.io/hosted"), "x"));
    assert.equal(await cached.holder("docker.io", digest("x")), undefined, "hosted ones don't count");
    await repositories.mount(other, digest("x"), alpha, 5, undefined);
    assert.equal(await cached.holder("docker.io", digest("x")), other);
    assert.equal(await cached.holder("quay.io", digest("x")), undefined);
    await repositories.quarantine(digest("x"), location("at/x"));
    assert.equal(await cached.holder("docker.io", digest("x")), undefined);
    const named = (limit: number, after?: string) => cached.repositories("docker.io", { limit, last: after });
    assert.deepEqual(await named(9), [box, other]);
    assert.deepEqual(await named(1), [box]);
    assert.deepEqual(await named(9, box), [other]);
    await repositories.deleteManifest(box, digest("m"), {}, 9, undefined);
    assert.deepEqual(await named(9), [other], "an empty one isn't named");
    assert.deepEqual(await cached.repositories("docker", { limit: 9, last }), []);
  });

  test("pieces of cached repositories come coldest first, by when they were pulled or came", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    await repositories.addBlob(blob(alpha, "hosted", { now: 1 }));
    await repositories.addBlob(blob(box, "x", { now: 30 }));
    await repositories.addBlob(blob(quay, "y", { now: 10 }));
    await repositories.mount(other, digest("x"), box, 20, undefined);
    await repositories.putManifest(manifest(box, "mm", { now: 20 }));
    const expected = [
      { repository: quay, kind: "blob", digest: digest("y"), size: 1, pulledAt: 10 },
      ...[
        { repository: other, kind: "blob", digest: digest("x"), size: 1, pulledAt: 20 },
        { repository: box, kind: "manifest", digest: digest("mm"), size: 2, pulledAt: 20 },
      ].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
      { repository: box, kind: "blob", digest: digest("x"), size: 1, pulledAt: 30 },
    ];
    for (const limit of [1, 2, 3, 50]) assert.deepEqual(await coldest(metadata, undefined, limit), expected);
    assert.deepEqual(await coldest(metadata, "docker.io"), expected.slice(1));
    assert.deepEqual(await coldest(metadata, "quay.io"), expected.slice(0, 1));
    assert.deepEqual(await coldest(metadata, undefined, 2, 20), expected.slice(0, 1));
    const hour = 3_600_000;
    await cached.pulled([{ repository: quay, digest: digest("y"), at: hour }]);
    assert.equal((await coldest(metadata)).at(-1)?.pulledAt, hour);
    // Pages that begin after a piece which is gone by then.
    const [first] = await cached.coldest({ upstream: undefined, before: never, limit: 1, after: undefined });
    assert.ok(first);
    await cached.evict([first], 50);
    const rest = await cached.coldest({ upstream: undefined, before: never, limit: 9, after: first });
    assert.equal(rest.length, 3);
    await repositories.unlinkBlob(box, digest("x"), 60, undefined);
    await repositories.deleteManifest(box, digest("mm"), {}, 60, undefined);
    assert.deepEqual(
      (await coldest(metadata)).map(({ repository }) => repository).filter((of) => of === box),
      [],
    );
  });

  test("with a manifest everything below it in its repository is pulled, and what is fresh isn't written", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    for (const text of ["x", "y", "z"]) await repositories.addBlob(blob(box, text, { now: 0 }));
    await repositories.mount(quay, digest("x"), box, 0, undefined);
    await repositories.putManifest(manifest(box, "m1", { now: 0, references: [layer("x")] }));
    await repositories.putManifest(
      manifest(box, "m2", { now: 0, references: [layer("y"), layer("gone", { required: false })] }),
    );
    const index = [child("m1"), child("m2"), child("m3", { required: false })];
    await repositories.putManifest(manifest(box, "index", { now: 0, references: index }));
    const pull = (text: string, at: number, repository = box) =>
      cached.pulled([
        { repository, digest: digest(text), at },
        { repository, digest: digest(text), at: at - 70_000 },
        { repository, digest: digest("unknown"), at },
        { repository: name("docker.io/nobody!"), digest: digest(text), at },
      ]);
    const at = async (...texts: string[]) => {
      const all = await times(metadata);
      return texts.map((text) => all[`${box} ${digest(text)}`]);
    };
    await pull("m1", 59_999);
    assert.deepEqual(await at("m1", "x"), [0, 0]);
    await pull("m1", 60_000);
    assert.deepEqual(await at("m1", "x", "m2", "y", "index"), [60_000, 60_000, 0, 0, 0]);
    await pull("index", 100_000);
    const below = await at("index", "m1", "x", "m2", "y", "z");
    assert.deepEqual(below, [100_000, 60_000, 60_000, 100_000, 100_000, 0]);
    await pull("z", 200_000);
    assert.deepEqual(await at("z"), [200_000]);
    await pull("z", 5);
    assert.deepEqual(await at("z"), [200_000], "never back");
    assert.equal((await times(metadata))[`${quay} ${digest("x")}`], 0, "another repository's");
    await cached.pulled([]);
    await cached.pulled(
      Array.from({ length: 3_000 }, (_, i) => ({
        repository: box,
        digest: digest("index"),
        at: 400_000 + i,
      })),
    );
    const [index2 = 0] = await at("index");
    assert.ok(index2 >= 400_000 && index2 < 403_000);
  });

  test("usage counts a blob once for each upstream and once in all, and each manifest", async () => {
    await using metadata = await open();
    const { repositories, cached } = metadata;
    assert.deepEqual(await cached.usage(), { total: 0, upstreams: [] });
    await repositories.addBlob(blob(alpha, "hosted only", { size: 1e6 }));
    await repositories.addBlob(blob(box, "x", { size: 100 }));
    for (const to of [other, quay, alpha]) await repositories.mount(to, digest("x"), box, 1, undefined);
    await repositories.addBlob(blob(quay, "y", { size: 7 }));
    await repositories.putManifest(manifest(box, "abc"));
    await repositories.putManifest(manifest(other, "abc"));
    const expected = {
      total: 113,
      upstreams: [
        { upstream: "docker.io", bytes: 106 },
        { upstream: "quay.io", bytes: 107 },
      ],
    };
    assert.deepEqual(await cached.usage(), expected);
  });

  test("mirrors are kept by name", async () => {
    await using metadata = await open();
    const { cached } = metadata;
    const mirror: Mirror = {
      name: name("docker.io/library/box"),
      tags: ["v*", "latest"],
      platforms: [],
      referrers: true,
      every: 3_600_000,
      syncedAt: undefined,
      fault: undefined,
    };
    const second = { ...mirror, name: name("docker.io/a"), platforms: ["linux/amd64"], referrers: false };
    for (const one of [mirror, second]) await cached.putMirror(one);
    assert.deepEqual(await cached.mirrors(), [second, mirror]);
    const synced = { ...mirror, syncedAt: 5, fault: "it doesn't answer" };
    await cached.putMirror(synced);
    assert.deepEqual(await cached.mirrors(), [second, synced]);
    const again = { ...mirror, syncedAt: 9, fault: undefined };
    assert.equal(await cached.mirrorSynced(again), true);
    assert.deepEqual(await cached.mirrors(), [second, again]);
    assert.equal(await cached.mirrorSynced({ ...again, tags: ["other"], syncedAt: 11 }), false);
    assert.equal(await cached.mirrorSynced({ ...again, name: name("docker.io/b"), syncedAt: 11 }), false);
    assert.deepEqual(await cached.mirrors(), [second, again]);
    assert.equal(await cached.removeMirror(second.name), true);
    assert.equal(await cached.removeMirror(second.name), false);
    assert.deepEqual(await cached.mirrors(), [again]);
  });
}
