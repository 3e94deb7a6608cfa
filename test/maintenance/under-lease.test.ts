import assert from "node:assert/strict";
import { test } from "node:test";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { underLease } from "#maintenance/under-lease.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";

const { signal } = new AbortController();

test("a lease is held while the work goes on and given back however it ends", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const { leases } = metadata;
  const parts = { leases, name: "work", what: "work is done", signal };
  const held = () => leases.held("work");
  assert.deepEqual(await underLease(parts, held), ["work"]);
  assert.deepEqual(await held(), []);
  await assert.rejects(
    underLease(parts, () => Promise.reject(new Error("failed"))),
    /failed/,
  );
  assert.deepEqual(await held(), []);
});

test("who waits for a lease gets it when the other one is done", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const parts = { leases: metadata.leases, name: "work", what: "work is done", signal };
  const order: string[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const first = underLease(parts, async () => {
    order.push("first begins");
    await promise;
    order.push("first ends");
  });
  const second = underLease(parts, () => Promise.resolve(order.push("second")));
  resolve(undefined);
  await Promise.all([first, second]);
  assert.deepEqual(order, ["first begins", "first ends", "second"]);
});
