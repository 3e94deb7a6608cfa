import assert from "node:assert/strict";
import { test } from "node:test";
import type { SealedKey } from "#core/metadata/sealed-keys.ts";
import type { Open } from "./content.ts";

const key = (kid: string, createdAt: number): SealedKey => ({
  kid,
  createdAt,
  sealed: Uint8Array.from([0, 1, 127, 128, 255, createdAt % 256]),
});

export function sealedKeyContract(open: Open): void {
  test("keys are listed as they were added, in that order, whatever their times", async () => {
    await using metadata = await open();
    const { sealedKeys } = metadata;
    assert.deepEqual(await sealedKeys.list(), []);
    const keys = [key("z", 1_700_000_000_000), key("a", 1_700_000_000_001), key("m", 5)];
    for (const [i, each] of keys.entries()) assert.equal(await sealedKeys.add(each, keys[i - 1]?.kid), true);
    assert.deepEqual(await sealedKeys.list(), keys);
  });

  test("a key comes only after the one that its maker knew as the newest", async () => {
    await using metadata = await open();
    const { sealedKeys } = metadata;
    assert.equal(await sealedKeys.add(key("b", 1), "a"), false, "there is no a");
    assert.equal(await sealedKeys.add(key("a", 1), undefined), true);
    assert.equal(await sealedKeys.add(key("b", 2), undefined), false, "there is one already");
    assert.equal(await sealedKeys.add(key("b", 2), "a"), true);
    assert.equal(await sealedKeys.add(key("c", 3), "a"), false, "b was quicker");
    assert.equal(await sealedKeys.add(key("a", 3), "b"), false, "a is there already");
    assert.deepEqual(await sealedKeys.list(), [key("a", 1), key("b", 2)]);
  });

  test("of many that add at the same time one wins, each time", async () => {
    await using metadata = await open();
    const { sealedKeys } = metadata;
    let newest: string | undefined;
    for (let round = 0; round < 10; round++) {
      const kids = Array.from({ length: 8 }, (_, i) => `round${round}-${i}`);
      const won = await Promise.all(kids.map((kid) => sealedKeys.add(key(kid, round), newest)));
      assert.equal(won.filter(Boolean).length, 1);
      newest = kids[won.indexOf(true)];
      assert.equal((await sealedKeys.list()).at(-1)?.kid, newest);
    }
    assert.equal((await sealedKeys.list()).length, 10);
  });

  test("keys that are removed are gone; the others stay, and more can be added", async () => {
    await using metadata = await open();
    const { sealedKeys } = metadata;
    await sealedKeys.remove([]);
    await sealedKeys.remove(["unknown"]);
    await sealedKeys.add(key("a", 1), undefined);
    await sealedKeys.add(key("b", 2), "a");
    await sealedKeys.add(key("c", 3), "b");
    await sealedKeys.remove(["a", "unknown", "a"]);
    assert.deepEqual(await sealedKeys.list(), [key("b", 2), key("c", 3)]);
    await sealedKeys.remove(["c"]);
    assert.equal(await sealedKeys.add(key("d", 4), "b"), true);
    await sealedKeys.remove(["b", "d"]);
    assert.deepEqual(await sealedKeys.list(), []);
    assert.equal(await sealedKeys.add(key("a", 5), undefined), true);
  });
}
