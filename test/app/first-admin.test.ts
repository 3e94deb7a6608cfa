import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import pino from "pino";
import { keepAccounts } from "#app/account-upkeep.ts";
import { composeAccounts } from "#app/compose-accounts.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { AuthConfig } from "#config/config.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { operator, secret, user } from "../contract/metadata/account-content.ts";

const log = pino({ level: "silent" });
const passwords = { concurrent_checks: 1, htpasswd: undefined };

function auth(password_file: string | undefined): AuthConfig {
  return {
    mode: "token",
    service: "berth",
    token: { lifetime: 1, refresh_lifetime: 1, key_rotation: 1 },
    passwords,
    admin: { name: "admin", password_file },
    outside: {
      realm: undefined,
      issuer: undefined,
      jwks_file: undefined,
      jwks_url: undefined,
      certificates: undefined,
    },
    workloads: [],
  };
}

test("the first admin comes from the secret file, and only the first", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const { credentials } = composeAccounts(passwords, metadata, log);
  const file = folder.file("secret");
  writeFileSync(file, "from the file\n");
  for (let i = 0; i < 2; i++) {
    await using _upkeep = await keepAccounts(metadata.accounts, auth(file), log);
    const { identity } = await credentials.check("admin", "from the file", "");
    assert.deepEqual([identity.name, identity.admin], ["admin", true]);
    writeFileSync(file, "another one\n");
  }
  await using _without = await keepAccounts(metadata.accounts, auth(folder.file("gone")), log);
});

test("without a file nobody is made; with one that can't serve the start fails in words", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  {
    await using _upkeep = await keepAccounts(metadata.accounts, auth(undefined), log);
    await using _open = await keepAccounts(metadata.accounts, undefined, log);
  }
  assert.equal(await metadata.accounts.hasAdmin(), false);
  await assert.rejects(keepAccounts(metadata.accounts, auth(folder.file("gone")), log), {
    message: /auth\.admin\.password_file: .* can't be read \(ENOENT\)/,
  });
  writeFileSync(folder.file("empty"), "");
  await assert.rejects(keepAccounts(metadata.accounts, auth(folder.file("empty")), log), {
    code: "account-invalid",
  });
});

test("expired secrets are dropped at the start", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const id = await metadata.accounts.add(user("alice"), operator, 1);
  assert.ok(typeof id === "number");
  await metadata.accounts.addSecret(secret(id, "old", { expiresAt: 5 }), operator, 1);
  await metadata.accounts.addSecret(secret(id, "new"), operator, 1);
  const upkeep = await keepAccounts(metadata.accounts, undefined, log);
  await upkeep[Symbol.asyncDispose]();
  assert.deepEqual(
    (await metadata.accounts.secrets(id)).map(({ hash }) => hash),
    ["new"],
  );
});
