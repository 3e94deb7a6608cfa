import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileText } from "#kit/file-cache.ts";

test("a file's text is looked at once in a while, and read again only when it changed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-file-"));
  try {
    const path = join(folder, "text");
    let now = 0;
    const read = fileText(path, { limit: 10, every: 1_000, clock: () => now });
    await assert.rejects(read(), { code: "ENOENT" });
    writeFileSync(path, "one");
    await assert.rejects(read(), { code: "ENOENT" }, "within the second nobody looks again");
    now += 1_000;
    const one = await read();
    assert.deepEqual(one, { text: "one", version: 1 });
    now += 1_000;
    assert.equal(await read(), one);
    writeFileSync(path, "two");
    assert.equal(await read(), one);
    now += 1_000;
    // Same size and, on a coarse clock, the same time: it is still seen.
    assert.deepEqual(await read(), { text: "two", version: 2 });
    writeFileSync(path, "more than ten");
    now += 1_000;
    await assert.rejects(read(), /more than 10 bytes/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
