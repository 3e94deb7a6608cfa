import assert from "node:assert/strict";
import { test } from "node:test";
import { openConnection } from "#adapters/sqlite/connection.ts";
import { migrate } from "#adapters/sqlite/migrate.ts";
import type { Op } from "#adapters/sqlite/operations/operations.ts";
import type { Outcome } from "#adapters/sqlite/outcome.ts";
import { Writer } from "#adapters/sqlite/writer.ts";
import { alpha, blob, digest, manifest, upload } from "../../contract/metadata/content.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

function openParts(path: string) {
  const db = openConnection(path, "write");
  migrate(db, migrations);
  return { db, writer: new Writer(db) };
}

const codes = (outcomes: Outcome[]) => outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.error.code));
const add = (text: string): Op => ({ op: "addBlob", args: blob(alpha, text) });
const claim = (holder: string): Op => ({
  op: "claimUpload",
  args: { id: "u1", holder, now: 0, until: 100 },
});

test("when the commit fails, everything of its batch fails and is taken back, claims too", () => {
  using folder = tempFolder();
  const { db, writer } = openParts(folder.file("metadata.db"));
  using _ = writer;
  // A deferred foreign key is checked by COMMIT, so that is what fails here.
  db.exec(`
    CREATE TABLE poison (repository_id INTEGER REFERENCES repositories (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER poisoned AFTER INSERT ON blobs WHEN NEW.digest = '${digest("poison")}'
    BEGIN INSERT INTO poison VALUES (-5); END`);
  writer.apply([{ op: "beginUpload", args: upload("u1") }]);
  const before = writer.commits;
  assert.deepEqual(codes(writer.apply([add("x"), claim("me"), add("poison")])), [
    "storage-failed",
    "storage-failed",
    "storage-failed",
  ]);
  assert.equal(writer.commits, before);
  assert.equal(db.inTransaction, false);
  assert.equal(db.prepare("SELECT count(*) FROM blobs").pluck().get(), 0);
  const [mine] = writer.apply([claim("you")]);
  assert.ok(mine?.ok && mine.value !== "busy");
  assert.deepEqual(codes(writer.apply([add("x")])), ["ok"]);
});

test("a full disk is told as storage-full, and writing goes on when there is room again", () => {
  using folder = tempFolder();
  const { db, writer } = openParts(folder.file("metadata.db"));
  using _ = writer;
  const pages = Number(db.pragma("page_count", { simple: true }));
  const limited = Number(db.pragma(`max_page_count = ${pages + 2}`, { simple: true }));
  assert.equal(limited, pages + 2);
  const bytes = Buffer.alloc(100_000);
  const put: Op = { op: "putManifest", args: manifest(alpha, "m", { bytes, size: bytes.length }) };
  const [full] = writer.apply([put]);
  assert.ok(full && !full.ok);
  assert.equal(full.error.code, "storage-full");
  assert.match(full.error.message, /full/);
  assert.equal(db.prepare("SELECT count(*) FROM manifests").pluck().get(), 0);
  db.pragma("max_page_count = 1000000");
  assert.deepEqual(codes(writer.apply([put])), ["ok"]);
});

test("a closed writer answers with a failure", () => {
  using folder = tempFolder();
  const { writer } = openParts(folder.file("metadata.db"));
  writer[Symbol.dispose]();
  assert.deepEqual(codes(writer.apply([add("x"), claim("me")])), ["storage-failed", "storage-failed"]);
});

test("a lock that another program holds is told as such", () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  const { db, writer } = openParts(path);
  using _ = writer;
  db.pragma("busy_timeout = 1");
  const other = openConnection(path, "write");
  try {
    other.exec("BEGIN IMMEDIATE");
    const [outcome] = writer.apply([add("x")]);
    assert.ok(outcome && !outcome.ok);
    assert.equal(outcome.error.code, "storage-failed");
    assert.match(outcome.error.message, /locked/);
    other.exec("ROLLBACK");
    assert.deepEqual(codes(writer.apply([add("x")])), ["ok"]);
  } finally {
    other.close();
  }
});
