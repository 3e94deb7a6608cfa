import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskShelf } from "#adapters/disk/metadata-shelf.ts";
import { snapshotName, snapshotTime } from "#core/snapshot-name.ts";
import { metadataShelfContract } from "../../contract/metadata-shelf.ts";

metadataShelfContract("disk", async () => {
  const path = await mkdtemp(join(tmpdir(), "berth-disk-shelf-"));
  return {
    shelf: createDiskShelf(path),
    async litter(name) {
      await mkdir(join(path, "metadata"), { recursive: true });
      await writeFile(join(path, "metadata", name), "litter");
    },
    close: () => rm(path, { recursive: true }),
  };
});

test("disk: snapshots are their owner's alone, and nothing half-written has a name", async () => {
  const path = await mkdtemp(join(tmpdir(), "berth-disk-shelf-"));
  try {
    await writeFile(join(path, "x"), "snapshot");
    const name = snapshotName(Date.UTC(2026, 0, 2, 3, 4, 5, 678), "schedule");
    assert.equal(name, "metadata-20260102T030405678Z.db.gz");
    assert.equal(snapshotTime(name), Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    await createDiskShelf(path).put(name, join(path, "x"), new AbortController().signal);
    const modes = await Promise.all(
      ["metadata", `metadata/${name}`].map(async (one) => (await stat(join(path, one))).mode & 0o777),
    );
    assert.deepEqual(modes, [0o700, 0o600]);
    assert.deepEqual(await readdir(join(path, "metadata")), [name]);
  } finally {
    await rm(path, { recursive: true });
  }
});
