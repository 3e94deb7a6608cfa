import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, freshBytes, registryClient } from "../harness/registry-client.ts";
import { crashingServer } from "./crashing-server.ts";
import { eventually } from "./eventually.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Starts Berth where it should end by itself; bounded. */
async function tryToServe(data: string, workers: number) {
  const args = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--workers", String(workers)];
  const child = spawn(process.execPath, ["--conditions=berth-src", main, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(late);
  return { code, signal, stderr };
}

for (const workers of [1, 2]) {
  describe(`a second instance on the same data folder, ${workers} worker(s)`, () => {
    test("is refused with a clear line; the first one doesn't notice", async () => {
      await using first = await spawnBerth({ config: { workers } });
      const client = registryClient(first.url);
      const bytes = freshBytes(1000);
      const digest = await client.pushBlob(bytes, { repo: "app" });
      for (const other of [1, 2]) {
        const { code, signal, stderr } = await tryToServe(first.data, other);
        assert.equal(signal, null, "it did not end by itself");
        assert.ok(code !== null && code > 0, `exit code ${code}`);
        assert.ok(stderr.includes(first.data), `the folder isn't named: ${stderr}`);
        assert.match(stderr, /already|another|in use|locked/i);
        assert.doesNotMatch(stderr, /\n\s+at |node:internal/, "a stack trace is no clear line");
        assert.ok(stderr.trim().split("\n").length <= 3, stderr);
      }
      expectStatus(await client.get(`/v2/app/blobs/${digest}`), 200);
      await client.pushBlob(freshBytes(200_000), { repo: "app" });
    });

    test("is welcome at once when the first one was killed", async () => {
      await using server = await crashingServer({ workers });
      const digest = await server.client.pushBlob(freshBytes(1000), { repo: "app" });
      for (let i = 0; i < 3; i++) await server.crash();
      expectStatus(await server.client.get(`/v2/app/blobs/${digest}`), 200);
    });

    test("is welcome when the first one ended well", async () => {
      await using first = await spawnBerth({ config: { workers } });
      const digest = await registryClient(first.url).pushBlob(freshBytes(1000), { repo: "app" });
      assert.equal(await first.kill("SIGTERM"), 0);
      await using second = await spawnBerth({ config: { workers }, data: first.data });
      expectStatus(await registryClient(second.url).get(`/v2/app/blobs/${digest}`), 200);
    });
  });
}

describe("a keeper that is killed alone", () => {
  test("takes its workers with it, and the folder is free", async () => {
    await using first = await spawnBerth({ config: { workers: 2 } });
    const digest = await registryClient(first.url).pushBlob(freshBytes(1000), { repo: "app" });
    process.kill(first.pid, "SIGKILL");
    await eventually("nobody serves any more", () =>
      registryClient(first.url)
        .get("/v2/")
        .then(() => false)
        .catch(() => true),
    );
    await using second = await spawnBerth({ config: { workers: 2 }, data: first.data });
    const client = registryClient(second.url);
    expectStatus(await client.get(`/v2/app/blobs/${digest}`), 200);
    await client.pushBlob(freshBytes(200_000), { repo: "app" });
  });
});
