import assert from "node:assert/strict";
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openEngineRecords } from "#adapters/engine-records/engine-records.ts";
import { readRecord, writeRecord } from "#adapters/engine-records/record-json.ts";
import { freshFolder, volume } from "./records-place.ts";

test("records come back in the order in which they were first put, as they were last put", async (t) => {
  const folder = await freshFolder(t);
  {
    await using records = await openEngineRecords(join(folder, "made", "here"));
    await Promise.all([
      records.volumes.put(volume("b"), true),
      records.volumes.put(volume("a"), false),
      records.volumes.put(volume("c"), false),
    ]);
    await records.volumes.put(volume("b", { now: "changed" }), false);
    await records.volumes.remove("c");
    await records.volumes.remove("never there");
  }
  await using again = await openEngineRecords(join(folder, "made", "here"));
  assert.deepEqual(await again.volumes.all(), [volume("b", { now: "changed" }), volume("a")]);
  assert.deepEqual(await again.containers.all(), []);
  assert.equal((await stat(join(folder, "made", "here", "engine.db"))).mode & 0o777, 0o600);
});

test("a record is kept as it was when it was put, whatever happens to it in the same turn", async (t) => {
  await using records = await openEngineRecords(await freshFolder(t));
  const record = volume("v", { step: "one" });
  const put = records.volumes.put(record, false);
  record.labels.step = "two";
  await put;
  assert.deepEqual(await records.volumes.all(), [volume("v", { step: "one" })]);
});

test("what was put without lasting survives kill -9", async (t) => {
  const folder = await freshFolder(t);
  const child = fork(join(import.meta.dirname, "records-put-and-hang.ts"), [folder], {
    execArgv: ["--conditions=berth-src"],
  });
  await once(child, "message");
  child.kill("SIGKILL");
  await once(child, "exit");
  await using records = await openEngineRecords(folder);
  assert.deepEqual(await records.volumes.all(), [volume("kept")]);
});

test("one fsync for all that lasts and is put in one turn, none for what doesn't", async (t) => {
  if (spawnSync("strace", ["-V"]).error) return t.skip("strace isn't here");
  const folder = await freshFolder(t);
  const script = join(import.meta.dirname, "records-put-and-hang.ts");
  const count = (...how: string[]) => {
    const { stderr } = spawnSync(
      "strace",
      [
        "-f",
        "-e",
        "trace=fsync,fdatasync",
        process.execPath,
        "--conditions=berth-src",
        script,
        folder,
        ...how,
      ],
      { encoding: "utf8", env: { PATH: process.env.PATH } },
    );
    return stderr.split("\n").filter((line) => /f(data)?sync\(/.test(line)).length;
  };
  count("leave");
  const base = count("leave");
  const volatile = count("leave", "volatile");
  assert.equal(volatile, base);
  // A log that begins anew syncs its head as well.
  const lasting = count("leave", "lasting");
  assert.ok(lasting > base && lasting <= base + 2, `${lasting} with, ${base} without`);
  assert.ok(count("leave", "both") > base, "the same record again, now lasting");
});

test("bigints, dollar keys, proto keys and odd text come back as they were", () => {
  const record = {
    time: 1_700_000_000_123_456_789n,
    small: 5n,
    memory: 9_223_372_036_854_771_712,
    labels: { $bigint: "12", $$bigint: "x", "": "empty", plain: "\u0000\ud800\u2028", $: "one" },
    nested: [{ $bigint: "1" }, null, -0.5, [1n]],
    ...(JSON.parse('{"own": {"__proto__": {"$a": "b"}}}') as object),
  };
  const again = readRecord<typeof record>(writeRecord(record));
  assert.deepEqual(again, record);
  assert.equal(Object.getPrototypeOf((again as unknown as { own: object }).own), Object.prototype);
});
