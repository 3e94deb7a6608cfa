import assert from "node:assert/strict";
import { test } from "node:test";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { migrate } from "#adapters/sqlite/migrate.ts";
import type { Op } from "#adapters/sqlite/operations/operations.ts";
import { Writer } from "#adapters/sqlite/writer.ts";
import { alice, pull } from "../../contract/metadata/audit-content.ts";
import { alpha, blob, digest, manifest, tag } from "../../contract/metadata/content.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

function openParts(path: string) {
  const db = openConnection(path, "write");
  migrate(db, migrations);
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  return { db, count, writer: new Writer(db) };
}

const add = (text: string): Op => ({ op: "addBlob", args: blob(alpha, text, { by: alice }) });
const put: Op = {
  op: "putManifest",
  args: manifest(alpha, "m", { tags: [{ name: tag("latest"), was: "any" }], by: alice }),
};

test("an entry of the audit log can't be changed", () => {
  using folder = tempFolder();
  const { db, writer } = openParts(folder.file("metadata.db"));
  using _ = writer;
  writer.apply([{ op: "appendAudit", args: { entries: [pull(1)] } }]);
  for (const sql of [
    "UPDATE audit SET actor = 'mallory'",
    "UPDATE audit SET count = count + 1 WHERE id = 1",
    "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT (id) DO UPDATE SET at = 0",
  ]) {
    assert.throws(() => db.exec(sql), /append-only/, sql);
  }
  assert.deepEqual(db.prepare("SELECT actor, at, count FROM audit").all(), [
    { actor: "alice", at: 1, count: 1 },
  ]);
});

test("a change whose audit entry can't be written doesn't happen", () => {
  using folder = tempFolder();
  const { db, count, writer } = openParts(folder.file("metadata.db"));
  using _ = writer;
  db.exec(`CREATE TRIGGER poisoned BEFORE INSERT ON audit WHEN NEW.action IN ('push-blob', 'create-tag')
    BEGIN SELECT RAISE(ABORT, 'no audit today'); END`);
  const outcomes = writer.apply([add("x"), put]);
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [false, false],
  );
  for (const table of ["blobs", "manifests", "tags", "repositories", "audit"])
    assert.equal(count(table), 0, table);
});

test("a change that fails at its commit leaves no audit entry", () => {
  using folder = tempFolder();
  const { db, count, writer } = openParts(folder.file("metadata.db"));
  using _ = writer;
  // A deferred foreign key is checked by COMMIT, so that is what fails here.
  db.exec(`
    CREATE TABLE poison (repository_id INTEGER REFERENCES repositories (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER poisoned AFTER INSERT ON blobs WHEN NEW.digest = '${digest("poison")}'
    BEGIN INSERT INTO poison VALUES (-5); END`);
  writer.apply([add("x"), put, add("poison")]);
  assert.equal(count("audit"), 0);
  writer.apply([add("x"), put]);
  assert.equal(count("audit"), 3);
});

test("a change that fails alone takes only its own entries back", () => {
  using folder = tempFolder();
  const { db, count, writer } = openParts(folder.file("metadata.db"));
  using _ = writer;
  db.exec(`CREATE TRIGGER poisoned BEFORE INSERT ON tags BEGIN SELECT RAISE(ABORT, 'no tags today'); END`);
  const outcomes = writer.apply([add("x"), put, add("y")]);
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [true, false, true],
  );
  assert.equal(count("audit"), 2);
  assert.deepEqual(db.prepare("SELECT DISTINCT action FROM audit").pluck().all(), ["push-blob"]);
});
