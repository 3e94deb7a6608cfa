import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import { diskReserve } from "#app/house/disk-reserve.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";

test("room is kept once, given up once, and taken again", async () => {
  using folder = tempFolder();
  const reserve = diskReserve(folder.path);
  assert.equal(await reserve.release(), false);
  for (let time = 0; time < 2; time++) {
    await reserve.keep();
    const { size, mode, blocks } = await stat(folder.file("reserve"));
    assert.equal(size, 8 * 1024 * 1024);
    assert.ok(blocks * 512 >= size, "it takes that room");
    assert.equal(mode & 0o777, 0o600);
    await reserve.keep();
    assert.equal(await reserve.release(), true);
    assert.equal(await reserve.release(), false);
  }
});

test("what can't be kept fails nobody", async () => {
  await diskReserve("/nowhere/at/all").keep();
});
