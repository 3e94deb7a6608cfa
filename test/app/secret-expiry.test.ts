import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { scheduleSecretExpiry } from "#app/auth/secret-expiry.ts";
import { alone } from "#app/servers/upkeep-lease.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { operator, secret, user } from "../contract/metadata/account-content.ts";

test("expired secrets are dropped at the start, others stay", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const id = await metadata.accounts.add(user("alice"), operator, 1);
  assert.ok(typeof id === "number");
  await metadata.accounts.addSecret(secret(id, "old", { expiresAt: 5 }), operator, 1);
  await metadata.accounts.addSecret(secret(id, "new"), operator, 1);
  await scheduleSecretExpiry(metadata.accounts, alone, pino({ level: "silent" }))[Symbol.asyncDispose]();
  assert.deepEqual(
    (await metadata.accounts.secrets(id)).map(({ hash }) => hash),
    ["new"],
  );
});
