import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { dropEvents } from "#app/notify/drop-events.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { defaultConfig } from "../harness/default-config.ts";

const hour = 3_600_000;

/** Events of the last hours, one an hour, the oldest first. */
async function place(webhooks: string[]) {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("metadata.db"), migrationsDir: migrations });
  const { outbox } = metadata;
  const now = metadata.now();
  for (let age = 50; age >= 1; age--)
    await outbox.append([{ at: now - age * hour, action: "start", subject: String(age), count: 1 }]);
  const text = webhooks.map((name) => `{ name: ${name}, url: "http://x" }`).join(", ");
  const { notifications } = defaultConfig(folder.path, `notifications: { keep: 10h, webhooks: [${text}] }`);
  const lines: { level: number; webhooks?: string[]; dropped?: number }[] = [];
  const log = pino(
    { level: "info" },
    { write: (line: string) => void lines.push(JSON.parse(line) as never) },
  );
  return {
    metadata,
    lines,
    drop: () => dropEvents(notifications, metadata, log, () => true, new AbortController().signal),
    /** How old what is left is, the oldest first. */
    oldest: async () => Number((await outbox.list(0, 1))[0]?.subject),
    /** Id of the event that is so many hours old. */
    async idOf(age: number): Promise<number> {
      const events = await outbox.list(0, 99);
      return events.find(({ subject }) => subject === String(age))?.id ?? NaN;
    },
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("events older than notifications.keep are dropped, whatever a webhook of former times was told", async () => {
  await using at = await place([]);
  await at.metadata.webhooks.begin("former", 0, 1);
  await at.drop();
  assert.equal(await at.oldest(), 9);
  assert.deepEqual(
    at.lines.map(({ level, dropped }) => [level, dropped]),
    [[30, 41]],
  );
  await at.drop();
  assert.equal(at.lines.length, 1, "nothing more to do");
});

test("what a configured webhook hasn't been told stays, but not longer than four times that", async () => {
  await using at = await place(["ci", "quick"]);
  await at.metadata.webhooks.begin("quick", await at.metadata.outbox.newest(), 1);
  await at.metadata.webhooks.begin("ci", await at.idOf(20), 1);
  await at.drop();
  assert.equal(await at.oldest(), 19);
  assert.equal(at.lines.length, 1);
});

test("of what is given up the log names who wasn't told", async () => {
  await using at = await place(["ci", "quick"]);
  await at.metadata.webhooks.begin("quick", await at.metadata.outbox.newest(), 1);
  await at.metadata.webhooks.begin("ci", 0, 1);
  await at.drop();
  assert.equal(await at.oldest(), 39);
  const [line] = at.lines;
  assert.deepEqual([line?.level, line?.webhooks, line?.dropped], [50, ["ci"], 11]);
});
