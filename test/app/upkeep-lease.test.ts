import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { alone, holdLease } from "#app/servers/upkeep-lease.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { until } from "./neighbour.ts";

const silent = pino({ level: "silent" });
const often = 10;

async function opened(folder: { file(name: string): string }) {
  return openSqliteMetadata({ path: folder.file("metadata.db"), migrationsDir: migrations });
}

test("the only server has every turn at once", () => {
  let begun = 0;
  alone.whenMine(() => begun++);
  assert.deepEqual([alone.mine(), begun], [true, 1]);
});

test("of two servers one has the turn, from its start; when it stops, the other gets it", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const begun: string[] = [];
  const first = await holdLease(metadata.leases, "upkeep", silent, often);
  await using second = await holdLease(metadata.leases, "upkeep", silent, often);
  second.whenMine(() => begun.push("second"));
  second.whenMine(() => begun.push("over"))[Symbol.dispose]();
  first.whenMine(() => begun.push("first"));
  assert.deepEqual([first.mine(), second.mine()], [true, false]);
  await using other = await holdLease(metadata.leases, "another", silent, often);
  assert.equal(other.mine(), true, "each name is a turn of its own");
  assert.deepEqual(begun, ["first"]);
  await first[Symbol.asyncDispose]();
  assert.equal(first.mine(), false);
  await until("the second server's turn", () => second.mine());
  assert.deepEqual(begun, ["first", "second"]);
});

test("prolonging it begins nothing anew", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  let [asked, begun] = [0, 0];
  const leases = {
    ...metadata.leases,
    take: (...args: Parameters<typeof metadata.leases.take>) => (asked++, metadata.leases.take(...args)),
  };
  await using upkeep = await holdLease(leases, "upkeep", silent, often);
  upkeep.whenMine(() => begun++);
  await until("some beats", () => asked > 5);
  assert.deepEqual([begun, upkeep.mine()], [1, true]);
});

test("without the database it isn't ours, is told once, and begins again later", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const warnings: unknown[] = [];
  const log = pino({ level: "warn" }, { write: (line) => warnings.push(JSON.parse(line)) });
  let [away, failed, begun] = [true, 0, 0];
  const leases = {
    ...metadata.leases,
    async take(...args: Parameters<typeof metadata.leases.take>) {
      if (!away) return metadata.leases.take(...args);
      failed++;
      throw new Error("away");
    },
  };
  await using upkeep = await holdLease(leases, "upkeep", log, often);
  upkeep.whenMine(() => begun++);
  assert.deepEqual([upkeep.mine(), begun], [false, 0]);
  await until("some tries", () => failed > 3);
  away = false;
  await until("our turn", () => upkeep.mine());
  away = true;
  await until("the loss", () => !upkeep.mine());
  away = false;
  await until("our turn again", () => upkeep.mine());
  assert.deepEqual([begun, warnings.length], [2, 2]);
});

test("who can't say so any more loses it to another, and says nothing when it ends", async () => {
  using folder = tempFolder();
  await using metadata = await opened(folder);
  const cut = {
    take: metadata.leases.take,
    release: () => Promise.reject(new Error("away")),
  };
  const lost = await holdLease(cut, "upkeep", silent, often);
  assert.equal(lost.mine(), true);
  await lost[Symbol.asyncDispose]();
  assert.equal(lost.mine(), false);
  assert.deepEqual(await metadata.leases.held(""), ["upkeep"]);
});
