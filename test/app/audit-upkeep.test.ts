import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import pino from "pino";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { keepAudit } from "#app/audit/audit-upkeep.ts";
import { scheduleAuditDrop } from "#app/audit/audit-schedule.ts";
import { alone } from "#app/servers/upkeep-lease.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { everything, pull } from "../contract/metadata/audit-content.ts";
import { startBerth } from "../harness/berth.ts";

const silent = pino({ level: "silent" });
const hour = 3_600_000;

test("entries older than audit.keep go, in steps, and the others stay", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({ path: folder.file("m.db"), migrationsDir: migrations });
  const now = Date.now();
  await metadata.audit.append(Array.from({ length: 2500 }, (_, i) => pull(now - 2 * hour + i)));
  await metadata.audit.append([pull(now)]);
  const steps: number[] = [];
  const audit = {
    async drop(before: number, limit: number) {
      const went = await metadata.audit.drop(before, limit);
      steps.push(went);
      return went;
    },
  };
  await using _ = scheduleAuditDrop(audit, hour, alone, silent);
  for (let i = 0; i < 200 && steps.length < 3; i++) await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual(steps, [1000, 1000, 500]);
  const left = await everything(metadata);
  assert.deepEqual(
    left.map(({ at }) => at),
    [now],
  );
});

test("dropping ends with the server, and goes on after its next start", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({ path: folder.file("m.db"), migrationsDir: migrations });
  await metadata.audit.append(Array.from({ length: 1500 }, (_, i) => pull(i)));
  const config = { enabled: true, reads: true, file: undefined, keep: hour };
  const once = async () => {
    await using _ = await keepAudit(metadata.audit, config, alone, () => Promise.resolve(alone), silent);
  };
  await once();
  assert.equal((await everything(metadata)).length, 500);
  await once();
  assert.equal((await everything(metadata)).length, 0);
});

test("a server that can't open audit.file doesn't start", async () => {
  await assert.rejects(startBerth({ audit: { file: "/dev/null/audit.jsonl" } }), {
    code: "storage-failed",
    message: /audit\.file \/dev\/null\/audit\.jsonl cannot be written/,
  });
});

test("the server makes audit.file at its start", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "audit.jsonl");
  await using _ = await startBerth({ audit: { file } });
  assert.equal(readFileSync(file, "utf8"), "");
});
