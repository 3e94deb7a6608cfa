import assert from "node:assert/strict";
import { test } from "node:test";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { alpha, beta, blob, child, digest, layer, manifest } from "../../contract/metadata/content.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

test("a blob says since when no repository links it, and forgets that with a new link", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  await using metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
  const { repositories } = metadata;
  const db = openConnection(path, "read");
  try {
    const since = () => db.prepare("SELECT unreferenced_at FROM blobs").pluck().get();
    await repositories.addBlob(blob(alpha, "x"));
    await repositories.mount(beta, digest("x"), alpha, 1, undefined);
    await repositories.unlinkBlob(alpha, digest("x"), 5, undefined);
    assert.equal(since(), null);
    await repositories.unlinkBlob(beta, digest("x"), 6, undefined);
    assert.equal(since(), 6);
    await repositories.addBlob(blob(alpha, "x"));
    assert.equal(since(), null);
  } finally {
    db.close();
  }
});

test("an intended hole is recorded as such until the manifest is put again", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  await using metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
  const { repositories } = metadata;
  const db = openConnection(path, "read");
  try {
    const holes = () =>
      db.prepare("SELECT digest FROM manifest_references WHERE missing = 1 ORDER BY digest").pluck().all();
    await repositories.addBlob(blob(alpha, "there"));
    const optional = { required: false };
    const put = manifest(alpha, "m", {
      references: [layer("there", optional), layer("hole", optional), child("kid", optional)],
    });
    await repositories.putManifest(put);
    assert.deepEqual(holes(), [digest("hole"), digest("kid")].sort());
    await repositories.addBlob(blob(alpha, "hole"));
    assert.deepEqual(holes(), [digest("hole"), digest("kid")].sort());
    await repositories.putManifest(put);
    assert.deepEqual(holes(), [digest("kid")]);
  } finally {
    db.close();
  }
});
