import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import Database from "better-sqlite3";
import { hashPassword } from "#kit/password-hash.ts";
import { startGuarded, type Guarded } from "../guarded/guarded.ts";
import { pageClient, type PageClient } from "./page-client.ts";

async function signedIn(house: Guarded): Promise<PageClient> {
  const page = pageClient(house.url);
  assert.equal((await page.signIn("alice", "password-of-alice")).status, 200);
  assert.equal((await page.get("/session")).json.name, "alice");
  return page;
}

for (const [what, change] of [
  ["the account is disabled", (house: Guarded) => house.manage("PATCH", "/users/alice", { enabled: false })],
  ["the account is removed", (house: Guarded) => house.manage("DELETE", "/users/alice")],
  [
    "the password is changed",
    (house: Guarded) => house.manage("POST", "/users/alice/password", { password: "another password" }),
  ],
  ["its tokens are ended", (house: Guarded) => house.manage("PATCH", "/users/alice", { end_tokens: true })],
] as const)
  test(`a session ends at once when ${what}`, async () => {
    await using house = await startGuarded();
    await house.addUser("alice");
    const page = await signedIn(house);
    await change(house);
    assert.equal((await page.get("/session")).json.name, undefined);
    assert.equal((await page.change("POST", "/pins", { repository: "alice/app", tag: "x" })).status, 401);
    assert.equal((await page.get("/users/alice")).status, 401);
  });

test("what an account may is looked up anew for each request", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const page = await signedIn(house);
  assert.equal((await page.get("/users")).status, 403);
  await house.manage("PATCH", "/users/alice", { admin: true });
  assert.equal((await page.get("/users")).status, 200);
  assert.equal((await page.get("/session")).json.admin, true);
});

test("a session outlives a restart; unused for the configured time, or after 30 days, it is over", async () => {
  await using house = await startGuarded("  rules: []", "", { web: { session: 3_600_000 } });
  await house.addUser("alice");
  const page = await signedIn(house);
  await house.berth.restart();
  const again = pageClient(house.berth.url);
  again.cookie = page.cookie;
  assert.equal((await again.get("/session")).json.name, "alice");

  const set = (sql: string) => {
    const db = new Database(`${house.data}/berth.db`);
    db.exec(sql);
    db.close();
  };
  const now = Date.now();
  set(`UPDATE web_sessions SET seen_at = ${now - 1_800_000}`);
  assert.equal((await again.get("/session")).json.name, "alice");
  const db = new Database(`${house.data}/berth.db`, { readonly: true });
  const row = db.prepare<[], { seen_at: number; expires_at: number }>("SELECT * FROM web_sessions").get();
  db.close();
  assert.ok(
    row !== undefined && row.seen_at >= now && row.expires_at >= now + 3_600_000,
    "its use was noted",
  );
  set(`UPDATE web_sessions SET seen_at = ${now - 3_600_001}`);
  assert.equal((await again.get("/session")).json.name, undefined);
  set(`UPDATE web_sessions SET seen_at = ${now}, created_at = ${now - 30 * 86_400_000 - 1}`);
  assert.equal((await again.get("/session")).json.name, undefined);
});

test("users of the htpasswd file sign in; another line ends their session, and so does none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-web-"));
  const file = join(folder, "htpasswd");
  const line = async (password: string) => `carol:${await hashPassword(password)}\n`;
  writeFileSync(file, await line("carol's password"));
  try {
    await using house = await startGuarded("  rules: []", `  passwords:\n    htpasswd: ${file}`);
    const page = pageClient(house.url);
    assert.equal((await page.signIn("carol", "carol's password")).status, 200);
    assert.equal((await page.get("/session")).json.name, "carol");
    writeFileSync(file, await line("another password"));
    await ended(page);
    assert.equal((await page.signIn("carol", "another password")).status, 200);
    writeFileSync(file, "# nobody\n");
    await ended(page);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The file is looked at every second or so. */
async function ended(page: PageClient): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await page.get("/session")).json.name === undefined) return;
    await pause(50);
  }
  assert.fail("the session goes on");
}

test("signing in again ends the session before", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const page = await signedIn(house);
  const old = pageClient(house.url);
  old.cookie = page.cookie;
  assert.equal((await page.signIn("alice", "password-of-alice")).status, 200);
  assert.notEqual(page.cookie, old.cookie);
  assert.equal((await old.get("/session")).json.name, undefined);
  assert.equal((await page.get("/session")).json.name, "alice");
});
