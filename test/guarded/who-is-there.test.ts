import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { expectStatus, type Response } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const shape = ({ status, headers, body }: Response) => ({
  status,
  headers: headers.comparable(),
  body: body.toString("utf8"),
});

test("there is no default account: no usual name and password gets in (CVE-2026-4404)", async () => {
  await using house = await startGuarded();
  const names = ["admin", "root", "berth", "operator", "registry", "anonymous", "anyone", "user"];
  const secrets = ["", "admin", "root", "berth", "password", "changeme", "Harbor12345"];
  for (const name of names)
    for (const secret of secrets) {
      const answer = await house.as({ name, secret }).get("/v2/");
      expectStatus(answer, 401, 429);
    }
  assert.deepEqual(await house.manage("GET", "/users"), { users: [] });
});

test("the first admin is the one of auth.admin.password_file, and stays when the file is gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "berth-admin-"));
  try {
    const file = join(folder, "password");
    await writeFile(file, "the first password\n");
    await using house = await startGuarded("  rules: []", `  admin: {name: boss, password_file: ${file}}`);
    const boss = { name: "boss", secret: "the first password" };
    expectStatus(await house.as(boss).get("/api/v1/users"), 200);
    await rm(file);
    await house.berth.restart();
    const client = house.withHeader(house.basicOf(boss));
    expectStatus(await client.request("GET", "/api/v1/users"), 200);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

for (const path of ["/v2/", "/v2/alice/app/tags/list", "/api/v1/users/alice", "/metrics", "/token"])
  test(`an unknown name, a wrong password and a disabled account get the same answer at ${path}`, async () => {
    await using house = await startGuarded();
    const [, off] = [await house.addUser("alice"), await house.addUser("gone")];
    await house.manage("PATCH", "/users/gone", { enabled: false });
    await house.addRobot("ci");
    const [first, ...others] = await Promise.all(
      [
        { name: "nobody", secret: "wrong password" },
        { name: "alice", secret: "wrong password" },
        { name: "ci", secret: "wrong password" },
        { name: "ci", secret: `brs_${"A".repeat(43)}` },
        off,
      ].map((who) => house.as(who).get(path)),
    );
    assert.ok(first);
    expectStatus(first, 401);
    for (const answer of others) assert.deepEqual(shape(answer), shape(first));
  });

test("the accounts' API tells a user nothing of others, there or not", async () => {
  await using house = await startGuarded();
  const [bob] = [await house.addUser("bob"), await house.addUser("alice"), await house.addRobot("ci")];
  await house.addGroup("team");
  for (const [there, missing] of [
    ["/users/alice", "/users/nobody"],
    ["/users/alice/tokens", "/users/nobody/tokens"],
    ["/robots/ci", "/robots/nobody"],
    ["/groups/team", "/groups/none"],
  ] as const) {
    const seen = await house.as(bob).get(`/api/v1${there}`);
    expectStatus(seen, 403);
    assert.deepEqual(shape(seen), shape(await house.as(bob).get(`/api/v1${missing}`)));
  }
  expectStatus(await house.as(bob).get("/api/v1/users/bob"), 200);
});

test("parts of a right secret are as wrong as any other", async () => {
  await using house = await startGuarded();
  const alice = await house.addUser("alice");
  const personal = await house.addPersonal(alice);
  const wrongs = [personal.secret.slice(0, -1), `${personal.secret.slice(0, -1)}!`, alice.secret.slice(1)];
  const answers = await Promise.all(wrongs.map((secret) => house.as({ name: "alice", secret }).get("/v2/")));
  for (const answer of answers) assert.deepEqual(shape(answer), shape(answers[0] as Response));
  expectStatus(await house.as({ name: "bob", secret: personal.secret }).get("/v2/"), 401);
});
