import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import pino from "pino";
import { controlPath, startControl } from "#app/control/control.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { startBerth } from "../harness/berth.ts";

function statusOf(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("a server has a control socket for this user alone, while it runs", async () => {
  const berth = await startBerth();
  const path = controlPath(berth.data);
  try {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(statSync(path).isSocket());
    assert.equal(await statusOf(path, "/api/v1/users"), 200);
    assert.equal(await statusOf(path, "/v2/"), 404, "nothing else is served there");
    await berth.restart();
    assert.equal(await statusOf(path, "/api/v1/users"), 200);
  } finally {
    await berth[Symbol.asyncDispose]();
  }
  assert.equal(existsSync(path), false);
});

test("what a killed server left at the socket's place is replaced", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  writeFileSync(folder.file("control.sock"), "");
  {
    await using _control = await startControl(folder.path, metadata, pino({ level: "silent" }));
    assert.equal(await statusOf(folder.file("control.sock"), "/api/v1/groups"), 200);
  }
  assert.equal(existsSync(folder.file("control.sock")), false);
});

test("a path that is too long for a socket, or a place that can't have one, is a warning", async () => {
  using folder = tempFolder();
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const long = join(folder.path, "x".repeat(100));
  const taken = join(folder.path, "taken");
  mkdirSync(join(taken, "control.sock", "x"), { recursive: true });
  mkdirSync(long);
  for (const data of [long, taken]) {
    const lines: string[] = [];
    const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
    await using _control = await startControl(data, metadata, log);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /no control socket/);
  }
});
