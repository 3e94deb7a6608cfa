import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { digestOf, expectStatus, freshBytes, withQuery } from "../harness/registry-client.ts";
import { crashingServer, type CrashingServer } from "./crashing-server.ts";
import { eventually } from "./eventually.ts";
import { blobIsThere, offsetOf } from "./served.ts";
import { storedFiles, strayFiles } from "./stored-files.ts";

const MiB = 1024 * 1024;
/** Smaller files may be the server's own notes. */
const least = 64 * 1024;
const soon = { uploads: { expire_after: "1s", purge_interval: "1s" } };

async function strays(server: CrashingServer, known: string[]) {
  return strayFiles(await storedFiles(server.data, least), known);
}

describe("what a crash leaves behind is purged", () => {
  test("bytes of sessions and of single POSTs that never came to their end", async () => {
    await using server = await crashingServer();
    const kept = freshBytes(500_000);
    const digest = await server.client.pushBlob(kept, { repo: "app" });
    const sessions: string[] = [];
    const sent = freshBytes(3 * MiB);
    for (let i = 0; i < 5; i++) {
      const session = await server.client.startUpload("app");
      sessions.push(session);
      const single = `/v2/app/blobs/uploads/?digest=${digestOf(freshBytes())}`;
      for (const [method, path] of [
        ["PATCH", session],
        ["POST", single],
        ["PUT", withQuery(await server.client.startUpload("app"), `digest=${digestOf(freshBytes())}`)],
      ] as const) {
        const { request, response } = server.client.begin(method, path, {
          headers: { "content-length": 8 * MiB },
        });
        response.catch(() => undefined);
        request.write(sent);
      }
    }
    const finished = await server.client.startUpload("app");
    expectStatus(await server.client.request("PATCH", finished, { body: sent }), 202);
    await eventually(
      "bytes of all of them are on disk",
      async () => (await strays(server, [digest])).length >= 16,
    );

    // They are not purged while they may still be gone on with.
    await server.crash();
    assert.equal(await offsetOf(server.client, finished), sent.length);

    await server.crash(soon);
    await eventually(
      "no bytes but the blob's are left",
      async () => (await strays(server, [digest])).length === 0,
    );
    for (const session of [...sessions, finished])
      assert.equal(await offsetOf(server.client, session), undefined);
    await blobIsThere(server.client, "app", { digest, bytes: kept });
  });

  test("crash after crash, files don't grow in number", async () => {
    await using server = await crashingServer(soon);
    const kept: string[] = [];
    for (let i = 0; i < 5; i++) {
      const session = await server.client.startUpload("app");
      const { request, response } = server.client.begin("PATCH", session, {
        headers: { "content-length": 8 * MiB },
      });
      response.catch(() => undefined);
      request.write(freshBytes(3 * MiB));
      kept.push(await server.client.pushBlob(freshBytes(200_000), { repo: "app" }));
      await server.crash();
    }
    await eventually("only the blobs are left", async () => {
      const files = await storedFiles(server.data, least);
      return files.length === kept.length && (await strayFiles(files, kept)).length === 0;
    });
  });

  test("the lock and the sessions' claims of a killed server hold nobody up", async () => {
    await using server = await crashingServer();
    const bytes = freshBytes(4 * MiB);
    const session = await server.client.startUpload("app");
    const { request, response } = server.client.begin("PATCH", session, {
      headers: { "content-length": bytes.length },
    });
    response.catch(() => undefined);
    request.write(bytes.subarray(0, 3 * MiB));
    await eventually("it is being written", async () => (await storedFiles(server.data, MiB)).length > 0);
    await server.crash();
    const offset = (await offsetOf(server.client, session)) ?? assert.fail("the session is gone");
    const headers = { "content-range": `${offset}-${bytes.length - 1}` };
    // At once, not when the dead writer's claim has run out.
    expectStatus(
      await server.client.request("PATCH", session, { body: bytes.subarray(offset), headers }),
      202,
    );
    expectStatus(await server.client.request("PUT", withQuery(session, `digest=${digestOf(bytes)}`)), 201);
    await blobIsThere(server.client, "app", { digest: digestOf(bytes), bytes });
  });
});
