import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditActor } from "#core/audit.ts";
import { cachedName } from "#core/cached-name.ts";
import { engineRepository } from "#core/engine-name.ts";
import type { QuotaScope } from "#core/metadata/usage.ts";
import { compileGlob, globPattern } from "#kit/glob.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alpha, beta, blob, digest, latest, layer, manifest, tag, type Open } from "./content.ts";

export const by = (actorId: string | undefined): AuditActor => ({
  actorId,
  actor: actorId ?? "anyone",
  kind: actorId === undefined ? "open" : "user",
  address: "",
  request: "",
  rule: "",
  unrecorded: true,
});

export function scope(...globs: string[]): QuotaScope {
  return { kind: "repositories", ...globPattern(globs), globs };
}

const owner = (id: string): QuotaScope => ({ kind: "owner", owner: id });
const page = { limit: 9, last: undefined };
const any = (name: string) => ({ name: tag(name), was: "any" as const });

export function usageContract(open: Open): void {
  test("what is used is counted as it comes and goes", async () => {
    await using metadata = await open();
    const { repositories, usage } = metadata;
    const of = async (name: RepositoryName) => {
      const { bytes, blobs, manifests, tags } = (await usage.repository(name)) ?? assert.fail();
      return [bytes, blobs, manifests, tags];
    };
    assert.equal(await usage.repository(alpha), undefined);
    await repositories.addBlob(blob(alpha, "four", { by: by("user:1") }));
    await repositories.addBlob(blob(alpha, "four", { by: by("user:2") }));
    assert.deepEqual(await of(alpha), [4, 1, 0, 0]);
    const put = manifest(alpha, "seven b", {
      references: [layer("four")],
      tags: [any("a")],
      by: by("user:2"),
    });
    await repositories.putManifest(put);
    await repositories.putManifest({ ...put, tags: [any("a"), any("b")], by: by("user:1") });
    assert.deepEqual(await of(alpha), [11, 1, 1, 2]);
    await repositories.mount(beta, digest("four"), alpha, 5, by("user:2"));
    assert.deepEqual(await of(beta), [4, 1, 0, 0]);
    assert.deepEqual(await usage.owners(), [
      { owner: "user:1", bytes: 4, tags: 1 },
      { owner: "user:2", bytes: 4, tags: 1 },
    ]);
    await repositories.deleteTag(alpha, tag("b"), {}, 6, undefined);
    await repositories.deleteManifest(alpha, put.digest, {}, 7, undefined);
    assert.deepEqual(await of(alpha), [4, 1, 0, 0]);
    assert.equal((await repositories.unlinkBlob(beta, digest("four"), 8, undefined)).outcome, "unlinked");
    assert.deepEqual(await of(beta), [0, 0, 0, 0]);
    assert.deepEqual(await usage.owners(), [{ owner: "user:1", bytes: 4, tags: 0 }]);
    assert.deepEqual(await usage.used(owner("user:9")), { bytes: 0, tags: 0 });
  });

  test("bytes that were damaged and come again in another size are counted anew", async () => {
    await using metadata = await open();
    const { repositories, usage } = metadata;
    await repositories.addBlob(blob(alpha, "x", { size: 10, by: by("user:1") }));
    await repositories.mount(beta, digest("x"), alpha, 5, by("user:1"));
    const again = blob(alpha, "x", { size: 3, location: "new" as never, replace: "at/x" as never });
    await repositories.addBlob(again);
    assert.equal((await usage.repository(alpha))?.bytes, 3);
    assert.equal((await usage.repository(beta))?.bytes, 3);
    assert.deepEqual(await usage.used(owner("user:1")), { bytes: 6, tags: 0 });
  });

  test("cached content is counted, and what is evicted is no more", async () => {
    await using metadata = await open();
    const { repositories, usage, cached } = metadata;
    const box = cachedName("docker.io/library/box" as RepositoryName);
    await repositories.addBlob(blob(box, "xyz"));
    await repositories.putManifest(manifest(box, "m", { references: [layer("xyz")], tags: [any("1")] }));
    assert.equal((await usage.repository(box))?.bytes, 4);
    assert.deepEqual(await usage.used(scope("**")), { bytes: 0, tags: 0 });
    const piece = { repository: box, size: 1, pulledAt: 9000 };
    await cached.evict([{ ...piece, kind: "manifest", digest: digest("m") }], 9001);
    await cached.evict([{ ...piece, kind: "blob", digest: digest("xyz") }], 9002);
    assert.equal((await usage.repository(box))?.bytes, 0);
    assert.deepEqual(await usage.repositories({ ...page, cached: true }), []);
  });

  test("repositories are listed by name, without an engine's, and cached ones only where asked for", async () => {
    await using metadata = await open();
    const { repositories, usage } = metadata;
    const box = cachedName("docker.io/library/box" as RepositoryName);
    const names = [alpha, beta, box, engineRepository("e1")];
    for (const name of names) await repositories.addBlob(blob(name, "xyz"));
    await repositories.putManifest(manifest(beta, "m", { tags: [{ name: latest, was: "any" }], now: 4000 }));
    await repositories.putManifest(manifest(beta, "m", { now: 3000 }));
    const list = async (more: object) =>
      (await usage.repositories({ ...page, ...more })).map(({ name }) => name);
    assert.deepEqual(await list({}), [alpha, beta]);
    assert.deepEqual(await list({ cached: true }), [alpha, beta, box]);
    assert.deepEqual(await list({ limit: 1 }), [alpha]);
    assert.deepEqual(await list({ last: alpha }), [beta]);
    assert.deepEqual(await list({ contains: "eta/a" }), [beta]);
    assert.deepEqual(await list({ contains: "%" }), []);
    const [first, second] = await usage.repositories(page);
    assert.equal(first?.updatedAt, undefined);
    assert.deepEqual(second, { name: beta, bytes: 4, blobs: 1, manifests: 1, tags: 1, updatedAt: 4000 });
  });

  test("what deleting a repository would free, and what garbage collection would", async () => {
    await using metadata = await open();
    const { repositories, usage } = metadata;
    for (const text of ["shared!", "own", "loose"]) await repositories.addBlob(blob(alpha, text));
    await repositories.mount(beta, digest("shared!"), alpha, 5, undefined);
    const references = [layer("shared!"), layer("own")];
    await repositories.putManifest(manifest(alpha, "mm", { references }));
    const detail = await usage.repository(alpha);
    assert.deepEqual(
      [detail?.bytes, detail?.ownBytes, detail?.sharedBytes, detail?.unreferencedBytes],
      [17, 10, 7, 5],
    );
  });

  test("a scope sums what its globs match, in SQL as in JavaScript", async () => {
    await using metadata = await open();
    const { repositories, usage } = metadata;
    const names = ["a", "a/b", "a/b/c", "ab", "a.b/c", "axb/c", "a-b", "b/a", "b/a/b", "c__d/e1", "zz/z"];
    for (const [at, name] of names.entries())
      await repositories.addBlob(blob(name as RepositoryName, "x".repeat(2 ** at)));
    const globs = [
      "**",
      "a",
      "a/**",
      "a/*",
      "a*",
      "a?b/c",
      "a.b/c",
      "**/b",
      "**/a/**",
      "*/*",
      "a/*/c",
      "*__d/*1",
    ];
    for (const glob of [...globs.map((one) => [one]), ["a", "b/**"], ["a/b", "a/b/c"], ["zz/*", "**/c"]]) {
      const sum = names.reduce((bytes, name, at) => {
        const matches = glob.some((one) => compileGlob(one)(name));
        return matches ? bytes + 2 ** at : bytes;
      }, 0);
      assert.equal((await usage.used(scope(...glob))).bytes, sum, glob.join());
      const { globs: _, ...pattern } = scope(...glob) as { globs: unknown } & QuotaScope;
      assert.equal((await usage.used(pattern)).bytes, sum, `${glob.join()} as a pattern`);
    }
  });

  test("takes back what an account brought lately and nothing names or asked for since", async () => {
    await using metadata = await open();
    const { repositories, usage } = metadata;
    const mine = by("user:1");
    for (const [text, now, who] of [
      ["named", 5000, mine],
      ["old", 900, mine],
      ["new", 5000, mine],
      ["again", 5000, mine],
      ["other's", 5000, by("user:2")],
      ["nobody's", 5000, by(undefined)],
    ] as const)
      await repositories.addBlob(blob(alpha, text, { now, by: who }));
    await repositories.addBlob(blob(alpha, "again", { now: 6000, by: by("user:2") }));
    await repositories.putManifest(manifest(alpha, "m", { references: [layer("named")], now: 5001 }));
    await repositories.mount(beta, digest("new"), alpha, 5002, mine);
    const known = ["other's", "again", "named", "nothing"].map(digest);
    assert.equal(await usage.takeBack(alpha, "user:1", 1000, 7000, known), 0);
    assert.equal(await usage.takeBack(alpha, "user:1", 1000, 7000, [...known, digest("new")]), 1);
    assert.equal(await usage.takeBack(alpha, "user:1", 1000, 7000), 0);
    const left = async (text: string) => (await repositories.blob(alpha, digest(text))) !== undefined;
    const there = { named: true, old: true, new: false, again: true, "other's": true, "nobody's": true };
    for (const [text, is] of Object.entries(there)) assert.equal(await left(text), is, text);
    assert.ok(await repositories.anyBlob(digest("new")), "elsewhere it stays");
    assert.equal(await usage.takeBack(alpha, undefined, 1000, 7000), 1);
    assert.equal(await left("nobody's"), false);
    assert.equal(await repositories.anyBlob(digest("nobody's")), undefined);
    assert.equal(await usage.takeBack("none" as RepositoryName, "user:1", 0, 7000), 0);
  });
}
