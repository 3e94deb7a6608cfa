import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { migrate } from "#adapters/sqlite/migrate.ts";
import { hasDatabase } from "#adapters/sqlite/snapshot/replace-database.ts";
import { migrationsFolder } from "#app/open/storage.ts";
import { berth } from "../cli/captured.ts";
import { leftIn, openPlaces, restore } from "./places.ts";

function writeSnapshot(path: string, sql: string): void {
  const db = new Database(path);
  try {
    migrate(db, migrationsFolder);
    db.exec(sql);
  } finally {
    db.close();
  }
}

const blob = (digest: string, size = 5) =>
  `INSERT INTO blobs (digest, size, location, created_at) VALUES ('${digest}', ${size}, '../../x', 1)`;

const schemas = {
  "a trigger": "CREATE TRIGGER later AFTER INSERT ON uploads BEGIN DELETE FROM blobs; END",
  "a view": "CREATE VIEW names AS SELECT * FROM accounts",
  "a table more": "CREATE TABLE more (x)",
  "a table less": "DROP TABLE write_probe",
  "another index": "CREATE UNIQUE INDEX sizes ON blobs (size)",
  "another column": "ALTER TABLE blobs ADD COLUMN more TEXT",
  "no trigger": "DROP TRIGGER audit_never_changes",
};

for (const [what, sql] of Object.entries(schemas))
  test(`a snapshot with ${what} is refused, and nothing of it stays`, async () => {
    await using places = await openPlaces();
    writeSnapshot(places.path("one.db"), sql);
    const data = places.path("data");
    const { code, stderr } = await berth(["restore", places.path("one.db"), "--data", data]);
    assert.equal(code, 1);
    assert.match(stderr, /one\.db has other tables, indexes or triggers than Berth makes/);
    assert.deepEqual(
      (await leftIn(data)).filter((name) => /restore|draft/.test(name)),
      [],
    );
    assert.equal(await hasDatabase(join(data, "berth.db")), false);
  });

for (const digest of ["sha256:../../../secret/file", "md5:00", "nonsense", "", `sha256:${"A".repeat(64)}`])
  test(`a snapshot with the digest ${JSON.stringify(digest)} is refused: it would be a path`, async () => {
    await using places = await openPlaces();
    writeSnapshot(places.path("one.db"), blob(digest));
    await mkdir(places.path("blobs"));
    await mkdir(places.path("secret"));
    await writeFile(places.path("secret/file"), "12345");
    const argv = ["restore", places.path("one.db"), "--blobs", places.path("blobs")];
    const { code, stderr } = await berth([...argv, "--data", places.path("data")]);
    assert.equal(code, 1);
    assert.match(stderr, /is damaged: .* is no digest/);
    assert.equal(await hasDatabase(join(places.path("data"), "berth.db")), false);
  });

test("a location that is none of a store's is missing bytes, whatever is there", async () => {
  await using places = await openPlaces();
  writeSnapshot(places.path("one.db"), blob(`sha256:${"a".repeat(64)}`));
  writeSnapshot(places.path("two.db"), "ANALYZE");
  const { code, stderr } = await berth([
    ...["restore", places.path("one.db"), "--data", places.path("data")],
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /isn't in the store/);
  await restore(places.path("other"), places.path("two.db"));
});
