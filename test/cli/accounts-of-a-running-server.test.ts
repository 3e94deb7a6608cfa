import assert from "node:assert/strict";
import { chmodSync, rmSync } from "node:fs";
import { test } from "node:test";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import { controlPath } from "#app/control/control.ts";
import { spawnBerth } from "../harness/process.ts";
import { openPlace } from "./account-place.ts";

for (const workers of [1, 2]) {
  test(`a running server with ${workers} worker(s) does it, and keeps it`, async () => {
    await using server = await spawnBerth({ config: { workers } });
    using place = openPlace(server.data);
    await place.ok(["user", "add", "alice", "--admin", "--password-file", "-"], "a long password");
    const added = Promise.all(["a", "b", "c"].map((name) => place.ok(["robot", "add", name])));
    for (const secret of await added) assert.match(secret, /^brs_/);
    assert.match(await place.ok(["user", "list"]), /^alice/m);
    await server.kill("SIGTERM");
    assert.match(await place.ok(["user", "list"]), /^alice/m, "without the server too");
    assert.doesNotMatch(server.logs(), /a long password|brs_/);
  });
}

test("commands at the same time without a server wait for each other", async () => {
  using place = openPlace();
  const names = ["a", "b", "c", "d"];
  await Promise.all(names.map((name) => place.ok(["group", "add", name])));
  const { groups } = JSON.parse(await place.ok(["group", "list", "--json"]));
  assert.deepEqual(
    (groups as { name: string }[]).map(({ name }) => name),
    names,
  );
});

test("a folder that another server has without a control socket is said so", async () => {
  using place = openPlace();
  await place.ok(["group", "add", "dev"]);
  using _lock = lockFolder(place.data);
  rmSync(controlPath(place.data), { force: true });
  const { code, stderr } = await place.run(["group", "list"]);
  assert.equal(code, 1);
  assert.match(stderr, /another Berth .* serves the data folder .*nobody answers on its control socket/);
});

test(
  "root doesn't make files in another user's folder",
  { skip: process.getuid?.() !== 0 && "only root can" },
  async () => {
    using place = openPlace();
    await place.ok(["group", "add", "dev"]);
    const { chownSync } = await import("node:fs");
    chownSync(place.data, 12345, 12345);
    chmodSync(place.data, 0o700);
    const { code, stderr } = await place.run(["group", "list"]);
    assert.equal(code, 1);
    assert.match(stderr, /belongs to user 12345, and no server runs on it: run this as that user/);
  },
);
