import assert from "node:assert/strict";
import { test } from "node:test";
import type { QuotaFact, QuotaScope } from "#core/metadata/usage.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alpha, beta, blob, digest, layer, location, manifest, tag, upload, type Open } from "./content.ts";
import { by, scope } from "./usage.ts";

const fact = (limits: Partial<QuotaFact>, of: QuotaScope = scope("**")): QuotaFact => ({
  name: "all",
  scope: of,
  bytes: undefined,
  tags: undefined,
  ...limits,
});
const any = (name: string) => ({ name: tag(name), was: "any" as const });

export function quotaContract(open: Open): void {
  test("a blob fits up to the last byte; one more isn't written, and its session stays", async () => {
    await using metadata = await open();
    const { repositories, uploads, usage } = metadata;
    const quotas = [fact({ bytes: 8 })];
    assert.deepEqual(await repositories.addBlob(blob(alpha, "12345678", { quotas })), {
      redundant: undefined,
    });
    await uploads.begin(upload("u1"));
    await uploads.claim("u1", "me", 1000, 9e15);
    const session = { id: "u1", holder: "me" };
    const refused = await repositories.addBlob(blob(beta, "x", { quotas, upload: session }));
    const over = { quota: quotas[0], what: "bytes", used: 8, allowed: 8, adding: 1 };
    assert.deepEqual(refused, { redundant: "at/x", over });
    assert.equal(await repositories.recordedBlob(digest("x")), undefined);
    assert.equal(await repositories.exists(beta), false);
    assert.notEqual(await uploads.find("u1"), undefined);
    const other = { id: "u1", holder: "other" };
    await assert.rejects(repositories.addBlob(blob(beta, "x", { quotas, upload: other })), {
      code: "upload-busy",
    });
    const gone = { id: "u2", holder: "me" };
    await assert.rejects(repositories.addBlob(blob(beta, "x", { quotas, upload: gone })), {
      code: "upload-unknown",
    });
    const again = blob(alpha, "12345678", { quotas, location: location("second") });
    assert.deepEqual(await repositories.addBlob(again), { redundant: "second" }, "it is there already");
    // Where the same bytes are recorded at the same place, nobody may remove them.
    const elsewhere = await repositories.addBlob(blob(beta, "12345678", { quotas }));
    assert.equal(elsewhere.redundant, undefined);
    assert.equal(elsewhere.over?.adding, 8);
    assert.deepEqual(await usage.used(scope("**")), { bytes: 8, tags: 0 });
  });

  test("a mount is refused like a push", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.addBlob(blob(alpha, "1234"));
    const quotas = [fact({ bytes: 3, name: "beta" }, scope("beta/**"))];
    const refused = await repositories.mount(beta, digest("1234"), alpha, 5, undefined, quotas);
    assert.ok(refused && "over" in refused);
    assert.deepEqual([refused.over.quota.name, refused.over.used, refused.over.adding], ["beta", 0, 4]);
    assert.equal(await repositories.blob(beta, digest("1234")), undefined);
    assert.equal(await repositories.exists(beta), false);
    const mounted = await repositories.mount(beta, digest("1234"), alpha, 5, undefined, [fact({ bytes: 8 })]);
    assert.ok(mounted && "digest" in mounted);
    const again = await repositories.mount(beta, digest("1234"), alpha, 5, undefined, quotas);
    assert.ok(again && "digest" in again, "nothing new");
  });

  test("a manifest counts with its bytes, and each tag that is new", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const quotas = [fact({ tags: 2, bytes: 10 })];
    const put = (text: string, ...tags: string[]) =>
      repositories.putManifest(manifest(alpha, text, { tags: tags.map(any), quotas }));
    assert.equal((await put("12345", "a", "b")).outcome, "stored");
    const refused = await put("12345", "b", "c");
    assert.ok(refused.outcome === "over-quota");
    assert.deepEqual(
      [refused.over.what, refused.over.used, refused.over.allowed, refused.over.adding],
      ["tags", 2, 2, 1],
    );
    assert.equal(await repositories.manifestFacts(alpha, tag("c")), undefined);
    assert.equal((await put("54321", "b")).outcome, "stored", "moving a tag makes none");
    assert.equal((await put("more")).outcome, "over-quota");
    assert.equal((await put("54321", "a")).outcome, "stored", "nothing new");
    const elsewhere = manifest(beta, "m", { quotas });
    assert.equal((await repositories.putManifest(elsewhere)).outcome, "over-quota");
    assert.equal(await repositories.exists(beta), false);
  });

  test("a tag that comes back is one more, unless it takes another's place", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: [any("a"), any("b")] }));
    await repositories.deleteTag(alpha, tag("a"), {}, 3, undefined);
    const id = (await tagRoom.removed(alpha, { limit: 1, after: undefined }))[0]?.id ?? 0;
    const quotas = [fact({ tags: 1 })];
    const refused = await tagRoom.restore(id, "absent", 4, undefined, quotas);
    assert.deepEqual(refused, {
      outcome: "over-quota",
      over: { quota: quotas[0], what: "tags", used: 1, allowed: 1, adding: 1 },
    });
    await repositories.putManifest(manifest(alpha, "n", { tags: [any("a")] }));
    assert.equal((await tagRoom.restore(id, "any", 4, undefined, quotas)).outcome, "restored");
  });

  test("an account's quota counts what it brought, anywhere", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const of = (owner: string) => [fact({ bytes: 4, tags: 1 }, { kind: "owner", owner })];
    const mine = { by: by("user:1"), quotas: of("user:1") };
    const theirs = { by: by("user:2"), quotas: of("user:2") };
    assert.equal((await repositories.addBlob(blob(alpha, "1234", mine))).over, undefined);
    assert.equal((await repositories.addBlob(blob(beta, "1", mine))).over?.used, 4);
    assert.equal((await repositories.addBlob(blob(beta, "1", theirs))).over, undefined);
    assert.equal((await repositories.addBlob(blob(alpha, "1234", theirs))).over, undefined, "is there");
    const references = [layer("1234")];
    const long = manifest(alpha, "a manifest", { ...mine, references, tags: [any("a")] });
    assert.equal((await repositories.putManifest(long)).outcome, "stored");
    const second = manifest(alpha, "m", { ...mine, tags: [any("b")] });
    assert.equal((await repositories.putManifest(second)).outcome, "over-quota");
    assert.equal((await repositories.putManifest({ ...second, ...theirs })).outcome, "stored");
  });

  test("of all quotas the first that has no room is named", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const quotas = [fact({ bytes: 99 }), fact({ bytes: 2, name: "small" }, scope("alpha/**"))];
    assert.equal((await repositories.addBlob(blob(alpha, "123", { quotas }))).over?.quota.name, "small");
    assert.equal((await repositories.addBlob(blob(alpha, "", { quotas }))).over, undefined);
  });

  test("of pushes at once as many pass as fit, into one repository or several", async () => {
    for (const spread of [1, 16]) {
      await using metadata = await open();
      const { repositories, usage } = metadata;
      const quotas = [fact({ bytes: 50, tags: 3 }), fact({ bytes: 1000 }, scope("race/*", "other"))];
      const name = (at: number) => `race/r${at % spread}` as RepositoryName;
      const added = await Promise.all(
        Array.from({ length: 16 }, (_, at) =>
          repositories.addBlob(blob(name(at), `ten-bytes${at.toString(16)}`, { quotas })),
        ),
      );
      assert.equal(added.filter(({ over }) => over === undefined).length, 5);
      assert.deepEqual(await usage.used(scope("**")), { bytes: 50, tags: 0 });
      const tagsOnly = [fact({ tags: 3 })];
      const put = await Promise.all(
        Array.from({ length: 16 }, (_, at) =>
          repositories.putManifest(manifest(name(at), `m${at}`, { tags: [any(`t${at}`)], quotas: tagsOnly })),
        ),
      );
      assert.equal(put.filter(({ outcome }) => outcome === "stored").length, 3);
      assert.equal((await usage.used(scope("**"))).tags, 3);
    }
  });
}
