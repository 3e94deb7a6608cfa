import assert from "node:assert/strict";
import { test } from "node:test";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { alpha, blob, digest } from "../../contract/metadata/content.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

// The binary's own default is FULL on a new file and NORMAL on one that exists.
test("every connection to a reopened file syncs fully, uses the log and checks foreign keys", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  const first = await openSqliteMetadata({ path, migrationsDir: migrations });
  await first[Symbol.asyncDispose]();
  for (const mode of ["write", "read"] as const) {
    const db = openConnection(path, mode);
    try {
      const pragma = (name: string) => db.pragma(name, { simple: true });
      assert.equal(pragma("synchronous"), 2, mode);
      assert.equal(pragma("journal_mode"), "wal", mode);
      assert.equal(pragma("foreign_keys"), 1, mode);
      assert.ok(Number(pragma("busy_timeout")) > 0, mode);
    } finally {
      db.close();
    }
  }
});

test("a read connection can't write", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  await using _ = await openSqliteMetadata({ path, migrationsDir: migrations });
  const db = openConnection(path, "read");
  try {
    assert.throws(() => db.exec("DELETE FROM tags"), { code: "SQLITE_READONLY" });
  } finally {
    db.close();
  }
});

test("what was written is there after a reopen", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  {
    await using metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
    await metadata.repositories.addBlob(blob(alpha, "x"));
  }
  await using metadata = await openSqliteMetadata({ path, migrationsDir: migrations });
  assert.equal((await metadata.repositories.blob(alpha, digest("x")))?.size, 1);
});
