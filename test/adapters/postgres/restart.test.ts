import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "#core/errors.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { alpha, blob, digest, latest, manifest, upload } from "../../contract/metadata/content.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

describe("a PostgreSQL that comes and goes", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  for (const how of ["fast", "crash"] as const) {
    test(`is reported, and used again when it is back (${how})`, async () => {
      await using metadata = await openOn(await server.database());
      const { repositories, uploads } = metadata;
      await Promise.all(Array.from({ length: 8 }, (_, i) => repositories.addBlob(blob(alpha, `x${i}`))));
      await uploads.begin(upload("u1"));
      await uploads.claim("u1", "me", 0, 100);
      await server.stop(how);
      const away = { name: "AppError", code: "unavailable", retryAfter: 5 };
      await assert.rejects(metadata.check(), away);
      await assert.rejects(repositories.blob(alpha, digest("x0")), away);
      await assert.rejects(repositories.addBlob(blob(alpha, "lost")), away);
      await server.start();
      await metadata.check();
      for (let i = 0; i < 8; i++) assert.notEqual(await repositories.blob(alpha, digest(`x${i}`)), undefined);
      assert.equal(await repositories.blob(alpha, digest("lost")), undefined);
      // A crash may end claims; who holds none any more is told so.
      assert.equal(await uploads.renew("u1", "me", 200), how === "fast");
      assert.notEqual(await uploads.claim("u1", "me", 5, 100), "busy");
    });
  }

  test("loses nothing that was answered, when it crashes under load", async () => {
    await using metadata = await openOn(await server.database());
    const { repositories } = metadata;
    const stored: string[] = [];
    const failures: unknown[] = [];
    let over = false;
    const work = async (worker: number) => {
      for (let i = 0; !over; i++) {
        const text = `m${worker}-${i}`;
        const repository = `team/w${worker}` as RepositoryName;
        try {
          const put = manifest(repository, text, { tags: [{ name: latest, was: "any" }] });
          await repositories.putManifest(put);
          stored.push(`${repository} ${text}`);
        } catch (error) {
          failures.push(error);
          await pause(5);
        }
      }
    };
    const workers = [0, 1, 2, 3, 4, 5].map(work);
    await pause(300);
    await server.stop("crash");
    await pause(100);
    await server.start();
    const before = stored.length;
    for (let tries = 0; stored.length < before + 30 && tries < 500; tries++) await pause(20);
    over = true;
    await Promise.all(workers);
    assert.ok(stored.length >= before + 30, "it goes on");
    assert.ok(failures.length > 0);
    for (const error of failures)
      assert.ok(error instanceof AppError && error.code === "unavailable", String(error));
    for (const entry of stored) {
      const [repository = "", text = ""] = entry.split(" ");
      const found = await repositories.manifestFacts(repository as RepositoryName, digest(text));
      assert.notEqual(found, undefined, entry);
    }
  });

  test("that ends one connection breaks nothing", async () => {
    const database = await server.database();
    await using metadata = await openOn(database);
    for (let i = 0; i < 10; i++) {
      await Promise.all([
        metadata.check(),
        metadata.repositories.count(),
        metadata.repositories.exists(alpha),
      ]);
      await database.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
          "WHERE datname = current_database() AND application_name = 'berth'",
      );
      assert.equal(await metadata.repositories.exists(alpha), false);
      await metadata.repositories.quarantine(digest("x"), "nowhere" as never).catch((error: unknown) => {
        // A change outside of a transaction isn't tried again: nobody knows whether it was made.
        assert.equal((error as AppError).code, "unavailable");
      });
      const outcome = await metadata.repositories.deleteTag(alpha, latest, {}, 1, undefined);
      assert.equal(outcome, "unknown");
    }
  });
});
