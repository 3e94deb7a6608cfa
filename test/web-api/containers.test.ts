import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { registryClient } from "../harness/registry-client.ts";
import { startBerth } from "../harness/berth.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

function frame(stream: 1 | 2, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** Somebody else's engine: its socket answers as docker's documents say. */
async function engine() {
  const folder = mkdtempSync(join(tmpdir(), "berth-engine-"));
  const path = join(folder, "engine.sock");
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = (request.url ?? "").replace(/^\/v[\d.]+/, "");
    asked.push(`${request.method} ${url}`);
    const json = (status: number, value: unknown) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (url === "/_ping") response.end("OK");
    else if (url.startsWith("/containers/json"))
      json(200, [
        {
          Id: "abc123",
          Names: ["/web"],
          Image: "team/app:v1",
          State: "running",
          Status: "Up 2 minutes",
          Ports: [
            { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
            { PrivatePort: 443, Type: "tcp" },
          ],
        },
      ]);
    else if (url === "/containers/abc123/json") json(200, { Config: { Tty: false } });
    else if (url.startsWith("/containers/abc123/logs")) {
      const bytes = Buffer.concat([frame(1, "first\nsec"), frame(2, "<b>err</b>\n"), frame(1, "ond\n")]);
      // In pieces that are no frames.
      for (let i = 0; i < bytes.length; i += 5) response.write(bytes.subarray(i, i + 5));
      response.end();
    } else if (url === "/containers/abc123/start") response.writeHead(304).end();
    else if (url === "/containers/abc123/stop") response.writeHead(204).end();
    else json(404, { message: "No such container: nope" });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test("admins see the engine's containers, their logs, and start and stop them; nobody else", async () => {
  await using real = await engine();
  await using house = await startGuarded("  rules: []", "", { engine: { listen: [{ path: real.path }] } });
  await house.addUser("root-user", { admin: true });
  await house.addUser("alice");
  const alice = pageClient(house.url);
  assert.equal((await alice.signIn("alice", "password-of-alice")).json.engine, false);
  for (const path of ["/containers", "/containers/abc123/logs"])
    assert.equal((await alice.get(path)).status, 403);
  for (const verb of ["start", "stop"])
    assert.equal((await alice.change("POST", `/containers/abc123/${verb}`)).status, 403);
  assert.deepEqual(real.asked, []);

  const page = pageClient(house.url);
  assert.equal((await page.signIn("root-user", "password-of-root-user")).json.engine, true);
  assert.deepEqual((await page.get("/containers")).json.items, [
    {
      id: "abc123",
      name: "web",
      image: "team/app:v1",
      state: "running",
      status: "Up 2 minutes",
      ports: ["0.0.0.0:8080->80/tcp", "443/tcp"],
    },
  ]);
  const logs = await page.get("/containers/abc123/logs");
  assert.equal(logs.headers.get("content-type"), "text/event-stream");
  const lines = logs.text.split("\n\n").filter((line) => line.startsWith("data: "));
  assert.deepEqual(
    lines.map((line) => JSON.parse(line.slice(6)) as string),
    ["first", "sec<b>err</b>", "ond"],
  );
  assert.match(logs.text, /event: end\n/);
  assert.equal((await page.change("POST", "/containers/abc123/start")).status, 204);
  assert.equal((await page.change("POST", "/containers/abc123/stop")).status, 204);
  assert.equal(
    (await page.change("POST", "/containers/abc123/stop", undefined, { "x-csrf-token": "" })).status,
    403,
  );
  const missing = await page.change("POST", "/containers/nope/start");
  assert.equal(missing.status, 404);
  assert.match(missing.text, /No such container: nope/);
  const before = real.asked.length;
  for (const id of ["..%2f..%2fimages", "a%20b", "%2e%2e", "a%0d%0ab", "x".repeat(200)])
    assert.equal((await page.change("POST", `/containers/${id}/start`)).status, 404, id);
  assert.equal(real.asked.length, before, "what is no name isn't asked for");
});

test("an engine that isn't there is none", async () => {
  await using berth = await startBerth({ engine: { listen: [{ path: "/nowhere/engine.sock" }] } });
  const page = pageClient(berth.url);
  assert.equal((await page.get("/session")).json.engine, false);
  assert.equal((await page.get("/containers")).status, 503);
  assert.equal((await registryClient(berth.url).get("/v2/")).status, 200);
});

test("where auth is off and others reach the server, nobody gets to the containers", async () => {
  await using real = await engine();
  await using berth = await startBerth(
    { engine: { listen: [{ path: real.path }] }, listen: [{ host: "0.0.0.0", port: 0 }] },
    "auth: { mode: none }",
  );
  const url = `http://127.0.0.1:${new URL(berth.url).port}`;
  assert.equal((await pageClient(url).get("/session")).json.engine, false);
  assert.equal((await pageClient(url).get("/containers")).status, 404);
  // A proxy on this machine brings others to an address that only this machine has.
  for (const proxied of [{ external_url: "http://registry.internal" }, { trusted_proxies: ["127.0.0.1"] }]) {
    await using behind = await startBerth(
      { engine: { listen: [{ path: real.path }] }, ...proxied },
      "auth: { mode: none }",
    );
    assert.equal((await pageClient(behind.url).get("/containers")).status, 404);
  }
  assert.deepEqual(real.asked, []);
});
