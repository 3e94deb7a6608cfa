import assert from "node:assert/strict";
import { test } from "node:test";
import type { Open } from "./content.ts";

export function blobFolderContract(open: Open): void {
  test("the first folder that is told of stays the known one", async () => {
    await using metadata = await open();
    const { blobFolder } = metadata;
    assert.equal(await blobFolder.id(), undefined);
    assert.equal(await blobFolder.settle("a"), "a");
    assert.equal(await blobFolder.settle("b"), "a");
    assert.equal(await blobFolder.settle("a"), "a");
    assert.equal(await blobFolder.id(), "a");
  });

  test("many that tell at the same time agree", async () => {
    await using metadata = await open();
    const { blobFolder } = metadata;
    const told = await Promise.all(Array.from({ length: 12 }, (_, i) => blobFolder.settle(`id${i}`)));
    assert.equal(new Set(told).size, 1, String(told));
    assert.equal(await blobFolder.id(), told[0]);
  });
}
