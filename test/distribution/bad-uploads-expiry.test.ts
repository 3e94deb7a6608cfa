import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { readdir } from "node:fs/promises";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../crash/eventually.ts";
import { residentPeak } from "../crash/resident.ts";
import { storedFiles } from "../crash/stored-files.ts";
import { startBerth } from "../harness/berth.ts";
import { spawnBerth } from "../harness/process.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
  withQuery,
} from "../harness/registry-client.ts";

describe("upload sessions that expire", () => {
  test("an idle session expires and its bytes go", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 1000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: freshBytes(54_321) }), 202);
    await eventually("the session is unknown", async () => {
      const status = await client.get(session);
      expectStatus(status, 204, 404);
      if (status.status === 404) expectError(status, 404, "BLOB_UPLOAD_UNKNOWN");
      return status.status === 404;
    });
    const left = async () => (await storedFiles(berth.data)).filter(({ size }) => size === 54_321);
    await eventually("the bytes are gone", async () => (await left()).length === 0);
    expectError(await client.request("PATCH", session, { body: "x" }), 404, "BLOB_UPLOAD_UNKNOWN");
  });

  test("expiry while active: a PATCH that runs longer than the session may idle is not purged", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 2000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const bytes = freshBytes(60);
    const digest = digestOf(bytes);
    const session = await client.startUpload("app");
    const { request, response } = client.begin("PATCH", session, { headers: { "content-length": bytes.length } });
    for (let i = 0; i < bytes.length; i++) {
      request.write(bytes.subarray(i, i + 1));
      await sleep(100);
    }
    request.end();
    expectStatus(await receive("PATCH", session, await response), 202);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
    assert.deepEqual((await client.get(`/v2/app/blobs/${digest}`)).body, bytes);
  });

  test("expiry while active: many short requests keep a session alive", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 2000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const bytes = freshBytes(12);
    const session = await client.startUpload("app");
    for (let i = 0; i < bytes.length; i++) {
      expectStatus(await client.request("PATCH", session, { body: bytes.subarray(i, i + 1) }), 202);
      await sleep(400);
    }
    const path = withQuery(session, `digest=${digestOf(bytes)}`);
    expectStatus(await client.request("PUT", path), 201);
  });

  test("expiry while active: a final PUT that runs longer is not purged", async () => {
    await using berth = await startBerth({ uploads: { expire_after: 2000, purge_interval: 1000 } });
    const client = registryClient(berth.url);
    const bytes = freshBytes(60);
    const digest = digestOf(bytes);
    for (const how of ["post", "put"] as const) {
      const path =
        how === "post"
          ? `/v2/${how}/blobs/uploads/?digest=${digest}`
          : withQuery(await client.startUpload(how), `digest=${digest}`);
      const headers = { "transfer-encoding": "chunked" };
      const { request, response } = client.begin(how.toUpperCase(), path, { headers });
      for (let i = 0; i < bytes.length; i++) {
        request.write(bytes.subarray(i, i + 1));
        await sleep(75);
      }
      request.end();
      expectStatus(await receive(how, path, await response), 201);
      assert.deepEqual((await client.get(`/v2/${how}/blobs/${digest}`)).body, bytes);
    }
  });

  test("10,000 sessions begun and left: no file, no handle, little memory each, and all expire", async () => {
    const uploads = { expire_after: "5s", purge_interval: "1s" };
    await using berth = await spawnBerth({ config: { uploads, log: { access: false } } });
    const client = registryClient(berth.url);
    await client.pushBlob(freshBytes(1000), { repo: "app" });
    const before = await residentPeak(berth.pid);
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const begin = () =>
      new Promise<string>((resolve, reject) => {
        const options = { method: "POST", agent, headers: { "content-length": 0 } };
        const outgoing = request(`${berth.url}/v2/app/blobs/uploads/`, options, (incoming) => {
          incoming.resume().once("end", () => {
            const { location } = incoming.headers;
            if (incoming.statusCode === 202 && location !== undefined) resolve(location);
            else reject(new Error(`status ${incoming.statusCode}`));
          });
        });
        outgoing.once("error", reject).end();
      });
    let last = "";
    for (let i = 0; i < 10_000; i += 100) {
      const sessions = await Promise.all(Array.from({ length: 100 }, begin));
      last = sessions.at(-1) ?? last;
    }
    agent.destroy();
    if (process.platform === "linux") {
      const handles = await readdir(`/proc/${berth.pid}/fd`);
      assert.ok(handles.length < 500, `${handles.length} open files`);
      const grown = (await residentPeak(berth.pid)) - before;
      assert.ok(grown < 150e6, `memory grew by ${grown} bytes`);
    }
    const files = await storedFiles(berth.data, 0);
    assert.ok(files.length < 100, `${files.length} files`);
    await eventually("the last session is unknown", async () => (await client.get(last)).status === 404, 60_000);
    await client.pushBlob(freshBytes(1000), { repo: "app" });
  });
});
