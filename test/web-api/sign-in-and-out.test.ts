import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

test("who signs in gets a cookie that scripts can't read, and is known by it until signing out", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const page = pageClient(house.url);
  const before = await page.get("/session");
  assert.equal(before.status, 200);
  assert.deepEqual(
    { name: before.json.name, admin: before.json.admin, auth: before.json.auth, host: before.json.host },
    { name: undefined, admin: false, auth: "password", host: new URL(house.url).host },
  );
  const answer = await page.signIn("alice", "password-of-alice");
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.name, "alice");
  assert.match(
    answer.headers.get("set-cookie") ?? "",
    /^berth_session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const after = await page.get("/session");
  assert.equal(after.json.name, "alice");
  assert.equal(after.json.csrf, page.csrf);
  assert.notEqual(page.csrf, "open");

  const end = await page.change("DELETE", "/session");
  assert.equal(end.status, 204);
  assert.match(end.headers.get("set-cookie") ?? "", /^berth_session=; .*Max-Age=0/);
  // The cookie by itself is worth nothing now.
  assert.equal((await page.get("/session")).json.name, undefined);
  assert.equal((await page.change("DELETE", "/tags?repository=alice/app&tag=x")).status, 401);
});

test("the cookie is for https alone where clients come by https", async () => {
  await using house = await startGuarded("  rules: []", "", { external_url: "https://registry.example.org" });
  await house.addUser("alice");
  const answer = await pageClient(house.url).signIn("alice", "password-of-alice");
  assert.match(answer.headers.get("set-cookie") ?? "", /^__Host-berth_session=.*; Path=\/; .*; Secure$/);
  assert.equal(answer.json.host, "registry.example.org");
});

test("over https a cookie that another host of the domain can set is no session", async () => {
  await using house = await startGuarded("  rules: []", "", { external_url: "https://registry.example.org" });
  await house.addUser("alice");
  await house.addUser("mallory");
  const [page, other] = [pageClient(house.url), pageClient(house.url)];
  const origin = "https://registry.example.org";
  await other.signIn("mallory", "password-of-mallory");
  await page.signIn("alice", "password-of-alice");
  const planted = (other.cookie ?? "").replace("__Host-", "");
  assert.match(planted, /^berth_session=.{43}$/);
  const asked = async (cookie: string) =>
    (await page.get("/session", { cookie, origin })).json.name as unknown;
  assert.equal(await asked(planted), undefined);
  assert.equal(await asked(`${planted}; ${page.cookie}`), "alice");
});

test("wrong passwords have one answer, and then a delay", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const page = pageClient(house.url);
  const answers = [];
  for (let i = 0; i < 12; i++) answers.push(await page.signIn(i % 2 === 0 ? "alice" : "nobody", "wrong"));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [401, 429]);
  const late = answers.find(({ status }) => status === 429);
  assert.ok(Number(late?.headers.get("retry-after")) > 0);
  assert.equal(new Set(answers.filter(({ status }) => status === 401).map(({ text }) => text)).size, 1);
  for (const answer of answers) assert.equal(answer.headers.get("set-cookie"), undefined);
});

test("robots don't sign in to the page; a personal token does, and ends its session when it goes", async () => {
  await using house = await startGuarded();
  const robot = await house.addRobot("ci");
  const alice = await house.addUser("alice");
  const personal = await house.addPersonal(alice, [{ repositories: "alice/**", actions: ["pull"] }]);
  const page = pageClient(house.url);
  const refused = await page.signIn(robot.name, robot.secret);
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get("set-cookie"), undefined);
  assert.equal((await page.signIn("alice", personal.secret)).status, 200);
  assert.equal((await page.get("/session")).json.name, "alice");
  // It was made for less than alice is.
  assert.equal((await page.change("DELETE", "/tags?repository=alice/app&tag=x")).status, 403);
  await house.manage("DELETE", `/tokens/${personal.id}`);
  assert.equal((await page.get("/session")).json.name, undefined);
});

test("of the cookie only a hash is kept", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const page = pageClient(house.url);
  await page.signIn("alice", "password-of-alice");
  const cookie = (page.cookie ?? "").split("=")[1] ?? "";
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(`${house.data}/berth.db`, { readonly: true });
  const rows = db.prepare<[], Record<string, unknown>>("SELECT * FROM web_sessions").all();
  db.close();
  assert.equal(rows.length, 1);
  assert.equal(rows[0]?.hash, createHash("sha256").update(cookie).digest("hex"));
  assert.ok(!JSON.stringify(rows).includes(cookie));
});

test("a body that isn't right is refused in words", async () => {
  await using house = await startGuarded();
  const page = pageClient(house.url);
  assert.equal((await page.change("POST", "/session", { name: "alice" })).status, 400);
  assert.equal((await page.change("POST", "/session", { name: "a", password: "b", more: 1 })).status, 400);
  assert.equal((await page.change("POST", "/session", "{", {})).status, 400);
  const form = { "content-type": "text/plain" };
  assert.equal((await page.change("POST", "/session", "name=alice", form)).status, 415);
  const put = await page.change("PUT", "/session", {});
  assert.equal(put.status, 405);
  assert.equal(put.headers.get("allow"), "GET, HEAD, POST, DELETE");
});
