import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { groupCommit } from "#adapters/sqlite/group-commit.ts";
import { createSqliteMetadata } from "#adapters/sqlite/metadata.ts";
import type { Op } from "#adapters/sqlite/operations/operations.ts";
import { openSqliteWriter } from "#adapters/sqlite/writer.ts";
import { alpha, beta, blob, digest, latest, manifest, upload } from "../../contract/metadata/content.ts";
import { migrations, tempFolder } from "./temp-folder.ts";

function openParts() {
  const folder = tempFolder();
  const path = folder.file("metadata.db");
  const writer = openSqliteWriter({ path, migrations });
  const commits = groupCommit(writer);
  const metadata = createSqliteMetadata({ path, submit: commits.submit });
  return {
    path,
    writer,
    commits,
    metadata,
    async [Symbol.asyncDispose]() {
      commits[Symbol.dispose]();
      await metadata[Symbol.asyncDispose]();
      writer[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

const add = (text: string): Op => ({ op: "addBlob", args: blob(alpha, text) });

test("operations that arrive together share one transaction", async () => {
  await using parts = openParts();
  const { repositories } = parts.metadata;
  const before = parts.writer.commits;
  const names = Array.from({ length: 100 }, (_, i) => `b${i}`);
  const batch = parts.commits.submitBatch([add("other"), add("process")]);
  await Promise.all([batch, ...names.map((name) => repositories.addBlob(blob(alpha, name)))]);
  assert.equal(parts.writer.commits - before, 1);
  assert.equal((await repositories.count()).blobs, 102);
  await repositories.addBlob(blob(alpha, "later"));
  assert.equal(parts.writer.commits - before, 2);
});

test("more operations than one batch holds are all applied, in order", async () => {
  await using parts = openParts();
  const ops = Array.from({ length: 1500 }, (_, i) => add(`b${i % 750}`));
  const outcomes = await parts.commits.submitBatch(ops);
  assert.ok(outcomes.length === 1500 && outcomes.every(({ ok }) => ok));
  assert.equal((await parts.metadata.repositories.count()).blobs, 750);
});

test("an operation that throws takes back only itself", async () => {
  await using parts = openParts();
  const twice: Op = { op: "beginUpload", args: upload("u1") };
  const unknown = { op: "constructor", args: {} } as unknown as Op;
  const outcomes = await parts.commits.submitBatch([add("x"), twice, twice, unknown, add("y")]);
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [true, true, false, false, true],
  );
  const failed = outcomes[2];
  assert.ok(failed && !failed.ok);
  assert.equal(failed.error.code, "storage-failed");
  assert.match(failed.error.message, /UNIQUE/);
  assert.deepEqual(await parts.metadata.repositories.count(), {
    repositories: 1,
    blobs: 2,
    manifests: 0,
    tags: 0,
  });
  await assert.rejects(parts.metadata.uploads.begin(upload("u1")), {
    name: "AppError",
    code: "storage-failed",
  });
});

test("claims, renewals and releases never touch the disk", async () => {
  await using parts = openParts();
  const { uploads } = parts.metadata;
  await uploads.begin(upload("u1"));
  const before = { commits: parts.writer.commits, log: statSync(`${parts.path}-wal`).size };
  await uploads.claim("u1", "me", 0, 100);
  await Promise.all([uploads.renew("u1", "me", 200), uploads.claim("u1", "you", 50, 300)]);
  await uploads.release("u1", "me");
  assert.deepEqual({ commits: parts.writer.commits, log: statSync(`${parts.path}-wal`).size }, before);
});

test("claims end with the writer, sessions don't", async () => {
  using folder = tempFolder();
  const path = folder.file("metadata.db");
  const claim: Op = { op: "claimUpload", args: { id: "u1", holder: "me", now: 0, until: 1000 } };
  {
    using writer = openSqliteWriter({ path, migrations });
    writer.apply([{ op: "beginUpload", args: upload("u1") }, claim]);
  }
  using writer = openSqliteWriter({ path, migrations });
  const again: Op = { op: "claimUpload", args: { id: "u1", holder: "you", now: 1, until: 1000 } };
  const [outcome] = writer.apply([again]);
  assert.ok(outcome?.ok && outcome.value !== "busy" && outcome.value !== undefined);
});

test("operations and outcomes survive the way between two processes", async () => {
  await using parts = openParts();
  const worker = createSqliteMetadata({
    path: parts.path,
    submit: async (op) => {
      const [outcome] = structuredClone(await parts.commits.submitBatch([structuredClone(op)]));
      assert.ok(outcome?.ok);
      return outcome.value;
    },
  });
  const put = manifest(alpha, "m", {
    bytes: new Uint8Array([1, 2, 3]),
    tags: [{ name: latest, was: "absent" }],
  });
  assert.deepEqual(await worker.repositories.putManifest(put), { outcome: "stored", moved: [] });
  // A change is seen by every connection once its promise resolved.
  for (const { repositories } of [worker, parts.metadata]) {
    assert.deepEqual(
      Buffer.from((await repositories.manifest(alpha, latest))?.bytes ?? []),
      Buffer.from([1, 2, 3]),
    );
  }
  assert.equal(await worker.repositories.exists(beta), false);
  await parts.metadata.repositories.addBlob(blob(beta, "x"));
  assert.notEqual(await worker.repositories.blob(beta, digest("x")), undefined);
  await worker[Symbol.asyncDispose]();
});

test("disposing applies what waits and refuses what comes later", async () => {
  await using parts = openParts();
  const waiting = parts.commits.submitBatch([add("x")]);
  parts.commits[Symbol.dispose]();
  const [outcome] = await waiting;
  assert.ok(outcome?.ok);
  assert.notEqual(await parts.metadata.repositories.blob(alpha, digest("x")), undefined);
  await assert.rejects(parts.commits.submit(add("y")), { name: "AppError", code: "unavailable" });
});
