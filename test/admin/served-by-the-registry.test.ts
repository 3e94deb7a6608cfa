import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { spawnBerth } from "../harness/process.ts";

const password = "the first admin's password";

function basic(name: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` };
}

test("a registry with auth serves the accounts' API, and what it changes holds in every process at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-admin-"));
  writeFileSync(join(folder, "secret"), `${password}\n`);
  try {
    const auth = { mode: "token", admin: { name: "root", password_file: join(folder, "secret") } };
    await using server = await spawnBerth({ config: { auth, workers: 2 } });
    const status = async (
      path: string,
      headers: Record<string, string> = {},
      method = "GET",
      body?: object,
    ) => {
      const response = await fetch(server.url + path, {
        method,
        // A connection of its own each time, so that both workers are asked.
        headers: { ...headers, connection: "close", ...(body ? { "content-type": "application/json" } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      await response.arrayBuffer();
      return response.status;
    };
    const root = basic("root", password);
    const alice = basic("alice", "a long password");
    assert.equal(await status("/api/v1/users"), 401);
    assert.equal(await status("/api/v1/users", root), 200);
    const user = { name: "alice", password: "a long password" };
    assert.equal(await status("/api/v1/users", root, "POST", user), 201);
    assert.equal(await status("/api/v1/users", alice), 403);

    const token = await fetch(`${server.url}/token?service=berth&scope=repository:alice/app:pull`, {
      headers: alice,
    });
    const bearer = { authorization: `Bearer ${((await token.json()) as { token: string }).token}` };
    assert.notEqual(
      await status("/api/v1/users/alice", bearer),
      200,
      "a token for repositories is none for accounts",
    );
    for (let i = 0; i < 6; i++) assert.equal(await status("/v2/alice/app/tags/list", bearer), 404);
    assert.equal(await status("/api/v1/users/alice", root, "PATCH", { enabled: false }), 200);
    // Fewer than begin to be delayed.
    for (let i = 0; i < 4; i++) {
      assert.equal(await status("/v2/alice/app/tags/list", bearer), 401, "the token that is out");
      assert.equal(await status("/v2/", alice), 401, "the password");
    }
    assert.doesNotMatch(server.logs(), /long password|first admin's|argon2/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
