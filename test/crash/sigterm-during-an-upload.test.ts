import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { describe, test } from "node:test";
import { spawnBerth } from "../harness/process.ts";
import {
  digestOf,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
  withQuery,
} from "../harness/registry-client.ts";
import { eventually } from "./eventually.ts";
import { blobIsThere, finishFrom, offsetOf } from "./served.ts";
import { storedFiles } from "./stored-files.ts";

const MiB = 1024 * 1024;

/** Whether somebody takes connections there. */
async function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

for (const workers of [1, 2]) {
  describe(`SIGTERM during an upload, ${workers} worker(s)`, () => {
    /** A PATCH of which 3 of 6 MiB are sent and at least one is on disk. */
    async function uploading(drain_timeout: string) {
      const berth = await spawnBerth({ config: { workers, limits: { drain_timeout } } });
      const client = registryClient(berth.url);
      const bytes = freshBytes(6 * MiB);
      const content = { bytes, digest: digestOf(bytes) };
      const session = await client.startUpload("app");
      const { request, response } = client.begin("PATCH", session, {
        headers: { "content-length": bytes.length },
      });
      response.catch(() => undefined);
      request.write(bytes.subarray(0, 3 * MiB));
      await eventually("it is being written", async () => (await storedFiles(berth.data, MiB)).length > 0);
      return { berth, content, session, request, response };
    }

    test("an upload that goes on is drained: it ends well, then the server exits with 0", async () => {
      const { berth, content, session, request, response } = await uploading("60s");
      await using own = berth;
      const exit = own.kill("SIGTERM");
      await eventually("no new connections are taken", async () => !(await listens(own.url)));
      request.end(content.bytes.subarray(3 * MiB));
      const answer = await receive("PATCH", session, await response);
      expectStatus(answer, 202);
      assert.equal(answer.headers.get("range"), `0-${content.bytes.length - 1}`);
      assert.equal(await exit, 0);
      await using again = await spawnBerth({ config: { workers }, data: own.data });
      const client = registryClient(again.url);
      assert.equal(await offsetOf(client, session), content.bytes.length);
      await finishFrom(client, session, content.bytes.length, content);
      await blobIsThere(client, "app", content);
    });

    test("an upload that doesn't end is left resumable, and the server exits with 0", async () => {
      const { berth, content, session } = await uploading("500ms");
      await using own = berth;
      assert.equal(await own.kill("SIGTERM"), 0);
      await using again = await spawnBerth({ config: { workers }, data: own.data });
      const client = registryClient(again.url);
      const offset = await offsetOf(client, session);
      assert.ok(offset !== undefined && offset >= MiB && offset <= 3 * MiB, `offset ${offset}`);
      await finishFrom(client, session, offset, content);
      await blobIsThere(client, "app", content);
    });

    test("a final PUT that doesn't end leaves no blob", async () => {
      const { berth, content, session } = await uploading("500ms");
      await using own = berth;
      const other = freshBytes(6 * MiB);
      const client = registryClient(own.url);
      const path = withQuery(await client.startUpload("app"), `digest=${digestOf(other)}`);
      const { request, response } = client.begin("PUT", path, {
        headers: { "content-length": other.length },
      });
      response.catch(() => undefined);
      request.write(other.subarray(0, 2 * MiB));
      await eventually("both are being written", async () => (await storedFiles(own.data, MiB)).length > 1);
      assert.equal(await own.kill("SIGTERM"), 0);
      await using again = await spawnBerth({ config: { workers }, data: own.data });
      const after = registryClient(again.url);
      for (const digest of [digestOf(other), content.digest]) {
        expectStatus(await after.get(`/v2/app/blobs/${digest}`), 404);
      }
      expectStatus(await after.get(session), 204);
    });

    test("idle connections don't hold the end up", async () => {
      await using berth = await spawnBerth({ config: { workers, limits: { drain_timeout: "60s" } } });
      const { hostname, port } = new URL(berth.url);
      const idle = await Promise.all(
        Array.from({ length: 10 }, async () => {
          const socket = connect({ host: hostname, port: Number(port) });
          socket.on("error", () => undefined);
          await once(socket, "connect");
          socket.write("GET /v2/ HTTP/1.1\r\nHost: registry\r\n\r\n");
          await once(socket, "data");
          return socket;
        }),
      );
      const ends = idle.map((socket) => once(socket.resume(), "close"));
      assert.equal(await berth.kill("SIGTERM"), 0);
      await Promise.all(ends);
    });
  });
}
