import assert from "node:assert/strict";
import { test } from "node:test";
import { cachedName } from "#core/cached-name.ts";
import { engineRepository, holdTag } from "#core/engine-name.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RemovedTag } from "#core/metadata/tag-room.ts";
import { alice, told } from "./audit-content.ts";
import { alpha, beta, child, digest, latest, manifest, tag, type Open } from "./content.ts";

const any = (...names: string[]) => names.map((name) => ({ name: tag(name), was: "any" as const }));
const first = { limit: 100, last: undefined };
const newest = { limit: 100, after: undefined };
const short = ({ repository, name, digest, removedAt, removedBy, rule }: RemovedTag) => ({
  ...{ repository, name, digest, removedAt, removedBy, rule },
});

/** The one tag that was removed last. */
async function lastRemoved({ tagRoom }: Metadata): Promise<RemovedTag> {
  const [found] = await tagRoom.removed(undefined, { limit: 1, after: undefined });
  assert.ok(found);
  return found;
}

export function tagRoomContract(open: Open): void {
  test("tags come by name, page by page, with what rules are about", async () => {
    await using metadata = await open();
    const { repositories, tagRoom, hostedPulls } = metadata;
    await repositories.putManifest(manifest(alpha, "one", { tags: any("b", "a"), now: 5 }));
    await repositories.putManifest(manifest(alpha, "two!", { tags: any("c"), now: 7 }));
    await repositories.putManifest(manifest(alpha, "one", { now: 9 }));
    await hostedPulls.note([{ repository: alpha, digest: digest("one"), at: 8, count: 3 }]);
    const facts = (name: string, text: string, rest: object) => ({
      ...{ name, digest: digest(text), mediaType: manifest(alpha, text).mediaType, size: text.length },
      ...{ updatedAt: 5, pushedAt: 9, pulledAt: 8, pulls: 3, pinned: false, ...rest },
    });
    const c = { updatedAt: 7, pushedAt: 7, pulledAt: undefined, pulls: 0 };
    assert.deepEqual(await tagRoom.facts(alpha, { limit: 2, last: undefined }), [
      facts("a", "one", {}),
      facts("b", "one", {}),
    ]);
    assert.deepEqual(await tagRoom.facts(alpha, { limit: 2, last: "b" }), [facts("c", "two!", c)]);
    assert.deepEqual(await tagRoom.facts(beta, first), []);
    assert.ok((await tagRoom.pullsKnownSince()) > 1_700_000_000_000);
  });

  test("a tag is removed only while it names what it was thought to", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a", "b"), by: alice }));
    const removal = {
      repository: alpha,
      tag: tag("a"),
      was: digest("m"),
      rule: "the rule",
      now: 3,
      by: alice,
    };
    assert.equal(await tagRoom.remove({ ...removal, was: digest("other") }), "changed");
    assert.equal(await tagRoom.remove({ ...removal, tag: tag("x") }), "unknown");
    assert.equal(await tagRoom.remove({ ...removal, repository: beta }), "unknown");
    assert.deepEqual(await tagRoom.removed(undefined, newest), []);
    assert.equal(await tagRoom.remove(removal), "removed");
    assert.equal(await tagRoom.remove(removal), "unknown");
    assert.deepEqual(await repositories.tags(alpha, first), ["b"]);
    assert.deepEqual((await tagRoom.removed(alpha, newest)).map(short), [
      {
        ...{ repository: alpha, name: "a", digest: digest("m"), removedAt: 3 },
        ...{ removedBy: alice.actor, rule: "the rule" },
      },
    ]);
    assert.deepEqual((await told(metadata)).at(-1), ["delete-tag", alpha, "a", digest("m")]);
    const event = (await metadata.outbox.latest(1))[0];
    assert.deepEqual(
      [event?.action, event?.tag, event?.digest, event?.subject],
      ["delete", "a", digest("m"), "the rule"],
    );
  });

  test("a tag that was set again to the same manifest isn't removed for what it was before", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a"), now: 5 }));
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a"), now: 6 }));
    const removal = { repository: alpha, tag: tag("a"), was: digest("m"), rule: "", now: 7, by: undefined };
    assert.equal(await tagRoom.remove({ ...removal, setAt: 5 }), "changed");
    assert.equal(await tagRoom.remove({ ...removal, setAt: 6 }), "removed");
  });

  test("a pinned tag isn't removed by a rule, and is by hand", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a") }));
    assert.equal(await tagRoom.pin(alpha, tag("x"), true, 3, alice), false);
    assert.equal(await tagRoom.pin(alpha, tag("a"), true, 3, alice), true);
    assert.equal(await tagRoom.pin(alpha, tag("a"), true, 3, alice), true);
    assert.deepEqual(await told(metadata), [["pin-tag", alpha, "a", digest("m")]]);
    assert.equal((await tagRoom.facts(alpha, first))[0]?.pinned, true);
    await repositories.putManifest(manifest(alpha, "n", { tags: any("a") }));
    assert.equal((await tagRoom.facts(alpha, first))[0]?.pinned, true, "also when it moves");
    const removal = { repository: alpha, tag: tag("a"), was: digest("n"), rule: "", now: 3, by: undefined };
    assert.equal(await tagRoom.remove(removal), "pinned");
    assert.equal(await repositories.deleteTag(alpha, tag("a"), {}, 3, undefined), "deleted");
    assert.equal((await lastRemoved(metadata)).removedBy, "somebody");
  });

  test("a deleted tag comes back as it was", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a"), now: 5, by: alice }));
    await repositories.deleteTag(alpha, tag("a"), {}, 30, alice);
    const removed = await lastRemoved(metadata);
    assert.deepEqual([removed.removedBy, removed.rule, removed.removedAt], [alice.actor, alice.rule, 30]);
    assert.deepEqual(await tagRoom.restore(removed.id + 1, "absent", 40, alice), { outcome: "gone" });
    assert.deepEqual(await tagRoom.restore(removed.id, "absent", 40, alice), {
      outcome: "restored",
      tag: removed,
    });
    const [back] = await tagRoom.facts(alpha, first);
    assert.deepEqual([back?.name, back?.digest, back?.updatedAt], ["a", digest("m"), 5]);
    assert.deepEqual(await tagRoom.removed(undefined, newest), []);
    assert.deepEqual(await tagRoom.restore(removed.id, "absent", 40, alice), { outcome: "gone" });
    assert.deepEqual((await told(metadata)).at(-1), ["create-tag", alpha, "a", digest("m")]);
    const [event] = await metadata.outbox.latest(1);
    assert.deepEqual([event?.action, event?.tag, event?.digest], ["restore", "a", digest("m")]);
    assert.equal(event?.mediaType, manifest(alpha, "m").mediaType);
  });

  test("a tag that is there again is left, unless it is what was expected", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a") }));
    await repositories.deleteTag(alpha, tag("a"), {}, 3, undefined);
    const { id } = await lastRemoved(metadata);
    await repositories.putManifest(manifest(alpha, "n", { tags: any("a") }));
    const taken = { outcome: "taken", is: digest("n") };
    assert.deepEqual(await tagRoom.restore(id, "absent", 4, alice), taken);
    assert.deepEqual(await tagRoom.restore(id, digest("m"), 4, alice), taken);
    assert.equal((await tagRoom.restore(id, digest("n"), 4, alice)).outcome, "restored");
    assert.equal((await repositories.manifestFacts(alpha, tag("a")))?.digest, digest("m"));
    assert.deepEqual(await told(metadata), [["move-tag", alpha, "a", digest("m"), digest("n")]]);
    await repositories.deleteTag(alpha, tag("a"), {}, 5, undefined);
    await repositories.putManifest(manifest(alpha, "n", { tags: any("a") }));
    const again = await lastRemoved(metadata);
    assert.equal((await tagRoom.restore(again.id, "any", 6, undefined)).outcome, "restored");
  });

  test("the same name may have been removed several times, and each can be had", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    for (const text of ["m", "n"]) {
      await repositories.putManifest(manifest(alpha, text, { tags: any("a", "b") }));
      for (const name of ["a", "b"]) await repositories.deleteTag(alpha, tag(name), {}, 3, undefined);
    }
    await repositories.putManifest(manifest(beta, "m", { tags: any("a") }));
    await repositories.deleteTag(beta, tag("a"), {}, 3, undefined);
    const names = (found: RemovedTag[]) => found.map(({ repository, name }) => `${repository}:${name}`);
    const all = await tagRoom.removed(undefined, newest);
    assert.deepEqual(names(all), [`${beta}:a`, ...["b", "a", "b", "a"].map((name) => `${alpha}:${name}`)]);
    assert.deepEqual(await tagRoom.removed(undefined, { limit: 2, after: all[1]?.id }), all.slice(2, 4));
    assert.deepEqual(await tagRoom.removed(alpha, { limit: 9, after: undefined, name: tag("a") }), [
      all[2],
      all[4],
    ]);
    assert.deepEqual(await tagRoom.removed(undefined, { ...newest, name: tag("b") }), [all[1], all[3]]);
    assert.equal((await tagRoom.restore(all[4]?.id ?? 0, "absent", 4, undefined)).outcome, "restored");
    assert.equal((await repositories.manifestFacts(alpha, tag("a")))?.digest, digest("m"));
  });

  test("what is forgotten comes back no more", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a", "b", "c") }));
    for (const [name, at] of [
      ["a", 10],
      ["b", 20],
      ["c", 30],
    ] as const)
      await repositories.deleteTag(alpha, tag(name), {}, at, undefined);
    assert.equal(await tagRoom.forget(10, 5, 99), 0);
    assert.equal(await tagRoom.forget(30, 1, 99), 1);
    assert.deepEqual(
      (await tagRoom.removed(alpha, newest)).map(({ name }) => name),
      ["c", "b"],
    );
    assert.equal(await tagRoom.forget(30, 5, 99), 1);
    assert.equal(
      (await tagRoom.restore((await lastRemoved(metadata)).id, "absent", 4, undefined)).outcome,
      "restored",
    );
    assert.deepEqual(await repositories.tags(alpha, first), ["c"]);
  });

  test("a removed tag holds its manifest until it is forgotten", async () => {
    await using metadata = await open();
    const { repositories, tagRoom, garbage } = metadata;
    const loose = async () => (await garbage.looseManifests(100, undefined)).manifests;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a"), now: 5 }));
    await repositories.deleteTag(alpha, tag("a"), {}, 10, undefined);
    assert.deepEqual(await loose(), []);
    assert.equal(await tagRoom.forget(11, 5, 99), 1);
    assert.deepEqual(
      (await loose()).map(({ digest, looseSince }) => [digest, looseSince]),
      [[digest("m"), 99]],
    );
  });

  test("a tag comes back with its owner, whose tags are counted", async () => {
    await using metadata = await open();
    const { repositories, tagRoom, usage } = metadata;
    const counts = async () =>
      Object.fromEntries((await usage.owners()).map(({ owner, tags }) => [owner, tags]));
    const bob = { ...alice, actorId: "user:bob" };
    const id = String(alice.actorId);
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a"), by: alice }));
    assert.deepEqual(await counts(), { [id]: 1 });
    await repositories.deleteTag(alpha, tag("a"), {}, 10, bob);
    assert.deepEqual(await counts(), {});
    await tagRoom.restore((await lastRemoved(metadata)).id, "absent", 11, bob);
    assert.deepEqual(await counts(), { [id]: 1 });
    await repositories.deleteTag(alpha, tag("a"), {}, 12, bob);
    await repositories.putManifest(manifest(alpha, "n", { tags: any("a"), by: bob }));
    assert.deepEqual(await counts(), { "user:bob": 1 });
    await tagRoom.restore((await lastRemoved(metadata)).id, "any", 13, bob);
    assert.deepEqual(await counts(), { [id]: 1 });
  });

  test("a manifest that is deleted by its digest takes its removed tags along", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a") }));
    await repositories.deleteTag(alpha, tag("a"), {}, 3, undefined);
    const { id } = await lastRemoved(metadata);
    assert.equal(await repositories.deleteManifest(alpha, digest("m"), {}, 4, undefined), "deleted");
    assert.deepEqual(await tagRoom.removed(undefined, newest), []);
    assert.deepEqual(await tagRoom.restore(id, "any", 5, undefined), { outcome: "gone" });
  });

  test("what is cached or an engine's own doesn't come back", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    for (const repository of [cachedName(alpha), engineRepository("one")]) {
      await repositories.putManifest(manifest(repository, "m", { tags: any("a") }));
      assert.equal(await repositories.deleteTag(repository, tag("a"), {}, 3, undefined), "deleted");
    }
    assert.deepEqual(await tagRoom.removed(undefined, newest), []);
  });

  test("an engine's images are known, also from the indexes that name them", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    const index = (text: string, of: string) => manifest(alpha, text, { references: [child(of)] });
    for (const text of ["held", "free"]) await repositories.putManifest(manifest(alpha, text));
    await repositories.putManifest(index("index", "held"));
    await repositories.putManifest({ ...index("outer", "index"), tags: [{ name: latest, was: "any" }] });
    await repositories.putManifest(index("other", "free"));
    const own = engineRepository("one");
    const digests = ["held", "free", "index", "outer", "other"].map(digest);
    assert.deepEqual(await tagRoom.heldByEngines(digests, alpha), []);
    const tags = [{ name: holdTag(digest("held")), was: "any" as const }];
    await repositories.putManifest(manifest(own, "held", { tags }));
    assert.deepEqual(await tagRoom.heldByEngines(digests), [digest("held")]);
    const held = await tagRoom.heldByEngines(digests, alpha);
    assert.deepEqual(held.sort(), ["held", "index", "outer"].map(digest).sort());
    assert.deepEqual(await tagRoom.heldByEngines([], alpha), []);
  });

  test("of a restore and a push of the same tag one is first, and the tag is never half", async () => {
    await using metadata = await open();
    const { repositories, tagRoom } = metadata;
    await repositories.putManifest(manifest(alpha, "m", { tags: any("a") }));
    await repositories.putManifest(manifest(alpha, "n"));
    for (let round = 0; round < 10; round++) {
      await repositories.deleteTag(alpha, tag("a"), {}, 3, undefined);
      const { id, digest: was } = await lastRemoved(metadata);
      const put = manifest(alpha, "n", { tags: [{ name: tag("a"), was: "absent" }] });
      const [pushed, restored] = await Promise.all([
        repositories.putManifest(put),
        tagRoom.restore(id, "absent", 4, undefined),
      ]);
      const won = pushed.outcome === "stored" ? digest("n") : was;
      assert.equal(restored.outcome, pushed.outcome === "stored" ? "taken" : "restored");
      assert.equal((await repositories.manifestFacts(alpha, tag("a")))?.digest, won);
    }
  });
}
