import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { accountDesk } from "../harness/accounts.ts";
import { expectStatus } from "../harness/registry-client.ts";
import { spawnBerth, type BerthProcess } from "../harness/process.ts";
import { backUp, openPlaces, restore } from "./places.ts";

test("after a restore accounts are those of the snapshot, and no access token from before is good", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  const start = (): Promise<BerthProcess> =>
    spawnBerth({ data, config: { auth: { mode: "token", service: "registry.test" } } });
  const file = places.path("one.db");
  let early = "";
  let late = "";
  {
    await using server = await start();
    const desk = accountDesk(server);
    const alice = await desk.addUser("alice");
    early = await desk.token(alice);
    await backUp(data, file);
    const bob = await desk.addUser("bob");
    late = await desk.token(bob);
    await desk.manage("DELETE", "/users/alice");
    expectStatus(await desk.bearer(early).get("/v2/"), 401);
  }
  {
    // A new start alone ends no token.
    await using server = await start();
    expectStatus(await accountDesk(server).bearer(late).get("/v2/"), 200);
  }
  await restore(data, file, "--force");
  await using server = await start();
  const desk = accountDesk(server);
  expectStatus(await desk.bearer(early).get("/v2/"), 401);
  expectStatus(await desk.bearer(late).get("/v2/"), 401);
  // Who was removed after the snapshot is back, with the password of then; who came after it is gone.
  const alice = { name: "alice", secret: "password-of-alice" };
  expectStatus(await desk.as(alice).get("/v2/"), 200);
  expectStatus(await desk.bearer(await desk.token(alice)).get("/v2/"), 200);
  expectStatus(await desk.as({ name: "bob", secret: "password-of-bob" }).get("/v2/"), 401);
  // The number that bob had is given to somebody else: his token is still nobody's.
  await desk.addUser("carol");
  expectStatus(await desk.bearer(late).get("/v2/"), 401);
});

test("signing keys that lie in the database aren't in a snapshot", async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  const file = places.path("one.db");
  await (await spawnBerth({ data })).stop();
  const db = new Database(join(data, "berth.db"));
  db.exec("INSERT INTO signing_keys (position, kid, created_at, sealed) VALUES (1, 'k', 1, x'534543524554')");
  db.close();
  await backUp(data, file);
  const snapshot = new Database(file, { readonly: true });
  assert.equal(snapshot.prepare("SELECT count(*) FROM signing_keys").pluck().get(), 0);
  snapshot.close();
});
