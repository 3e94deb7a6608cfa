import assert from "node:assert/strict";
import { test } from "node:test";
import type { PutManifest } from "#core/metadata/repositories.ts";
import { alpha, digest, latest, layer, manifest, tag, type Open } from "./content.ts";

export function tagFactContract(open: Open): void {
  const tagged = (text: string, was: PutManifest["tags"][number]["was"]) =>
    manifest(alpha, text, { tags: [{ name: latest, was }] });

  test("a tag fact that no longer holds stops the put and says where the tag points", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const missing = { outcome: "changed", reference: latest, is: undefined };
    assert.deepEqual(await repositories.putManifest(tagged("one", digest("zero"))), missing);
    assert.equal((await repositories.putManifest(tagged("one", "absent"))).outcome, "stored");
    const moved = { outcome: "changed", reference: latest, is: digest("one") };
    assert.deepEqual(await repositories.putManifest(tagged("two", "absent")), moved);
    assert.deepEqual(await repositories.putManifest(tagged("two", digest("two"))), moved);
    assert.equal(await repositories.manifest(alpha, digest("two")), undefined);
    assert.deepEqual(await repositories.putManifest(tagged("two", digest("one"))), {
      outcome: "stored",
      moved: [latest],
    });
  });

  test("one tag that fails its fact keeps the others from moving", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(tagged("one", "absent"));
    const put = manifest(alpha, "two", {
      tags: [
        { name: tag("fresh"), was: "any" },
        { name: latest, was: "absent" },
      ],
    });
    assert.equal((await repositories.putManifest(put)).outcome, "changed");
    assert.equal(await repositories.manifest(alpha, tag("fresh")), undefined);
  });

  test("of two puts at once that both saw no tag, one wins", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const outcomes = await Promise.all(
      ["one", "two"].map((text) => repositories.putManifest(tagged(text, "absent"))),
    );
    assert.deepEqual(outcomes.map(({ outcome }) => outcome).sort(), ["changed", "stored"]);
    const is = (await repositories.manifestFacts(alpha, latest))?.digest;
    const loser = outcomes.find(({ outcome }) => outcome === "changed");
    assert.deepEqual(loser, { outcome: "changed", reference: latest, is });
    assert.equal((await repositories.count()).manifests, 1);
  });

  test("tag facts are compared before references", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    await repositories.putManifest(tagged("one", "absent"));
    const put = { ...tagged("two", "absent"), references: [layer("nowhere")] };
    assert.equal((await repositories.putManifest(put)).outcome, "changed");
  });

  test("an expectation of a tag or digest must hold, though the put may tag nothing", async () => {
    await using metadata = await open();
    const { repositories } = metadata;
    const one = digest("one");
    const expecting = async (text: string, expect: PutManifest["expect"]) =>
      repositories.putManifest(manifest(alpha, text, { expect }));
    const changed = (reference: typeof latest | typeof one, is: typeof one | undefined) => ({
      outcome: "changed",
      reference,
      is,
    });
    for (const reference of [latest, one]) {
      assert.deepEqual(await expecting("one", { reference, is: "present" }), changed(reference, undefined));
      assert.deepEqual(await expecting("one", { reference, is: one }), changed(reference, undefined));
    }
    assert.equal(await repositories.exists(alpha), false);
    assert.equal((await expecting("one", { reference: one, is: "absent" })).outcome, "stored");
    await repositories.putManifest(tagged("one", "any"));
    for (const reference of [latest, one]) {
      assert.deepEqual(await expecting("two", { reference, is: "absent" }), changed(reference, one));
      assert.deepEqual(await expecting("two", { reference, is: digest("two") }), changed(reference, one));
      assert.equal(await repositories.manifest(alpha, digest("two")), undefined);
      assert.equal((await expecting("one", { reference, is: "present" })).outcome, "stored");
      assert.equal((await expecting("one", { reference, is: one })).outcome, "stored");
    }
  });
}
