import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  digestOf,
  expectStatus,
  freshBytes,
  unknownDigest,
  withQuery,
  type Algorithm,
  type Content,
} from "../harness/registry-client.ts";
import { crashingServer, type CrashingServer } from "./crashing-server.ts";
import { eventually } from "./eventually.ts";
import { blobIsAbsent, blobIsThere, blobIsWhole, finishFrom, offsetOf } from "./served.ts";
import { storedFiles } from "./stored-files.ts";

const MiB = 1024 * 1024;

function content(size: number, algorithm: Algorithm = "sha256"): Content {
  const bytes = freshBytes(size);
  return { bytes, digest: digestOf(bytes, algorithm) };
}

/** Sends head and `sent` of a longer body, and waits until some of it is on disk. */
async function midway(
  server: CrashingServer,
  method: string,
  path: string,
  length: number,
  sent: Uint8Array,
) {
  const seen = new Set((await storedFiles(server.data)).map(({ path }) => path));
  const { request, response } = server.client.begin(method, path, { headers: { "content-length": length } });
  response.catch(() => undefined);
  request.write(sent);
  await eventually("bytes of the upload are on disk", async () =>
    (await storedFiles(server.data, MiB)).some((file) => !seen.has(file.path)),
  );
}

for (const workers of [1, 2]) {
  describe(`kill -9 at each step of a blob's push, ${workers} worker(s)`, () => {
    const start = () => crashingServer({ workers });

    test("after the POST: the session goes on", async () => {
      await using server = await start();
      const blob = content(100_000);
      const session = await server.client.startUpload("app");
      await server.crash();
      assert.equal(await offsetOf(server.client, session), 0);
      await finishFrom(server.client, session, 0, blob);
      await blobIsThere(server.client, "app", blob);
    });

    for (const algorithm of ["sha256", "sha512"] satisfies Algorithm[]) {
      test(`in mid-PATCH: what the status says is really there (${algorithm})`, async () => {
        await using server = await start();
        const blob = content(8 * MiB, algorithm);
        const session = await server.client.startUpload("app", `?digest-algorithm=${algorithm}`);
        await midway(server, "PATCH", session, blob.bytes.length, blob.bytes.subarray(0, 5 * MiB));
        await server.crash();
        await blobIsAbsent(server.client, "app", blob);
        const offset = await offsetOf(server.client, session);
        assert.ok(offset !== undefined && offset <= 5 * MiB, `offset ${offset}`);
        await finishFrom(server.client, session, offset, blob);
        await blobIsThere(server.client, "app", blob);
      });

      test(`in mid-PATCH after a PATCH: the acknowledged bytes are kept (${algorithm})`, async () => {
        await using server = await start();
        const blob = content(8 * MiB, algorithm);
        const session = await server.client.startUpload("app", `?digest-algorithm=${algorithm}`);
        expectStatus(
          await server.client.request("PATCH", session, { body: blob.bytes.subarray(0, 2 * MiB) }),
          202,
        );
        const { request, response } = server.client.begin("PATCH", session, {
          headers: { "content-length": 6 * MiB },
        });
        response.catch(() => undefined);
        request.write(blob.bytes.subarray(2 * MiB, 6 * MiB));
        await eventually(
          "more of it is on disk",
          async () => (await storedFiles(server.data, 3 * MiB)).length > 0,
        );
        await server.crash();
        const offset = await offsetOf(server.client, session);
        assert.ok(offset !== undefined && offset >= 2 * MiB && offset <= 6 * MiB, `offset ${offset}`);
        await finishFrom(server.client, session, offset, blob);
        await blobIsThere(server.client, "app", blob);
      });

      test(`after the PATCH: every acknowledged byte is there (${algorithm})`, async () => {
        await using server = await start();
        const blob = content(3 * MiB, algorithm);
        const session = await server.client.startUpload("app", `?digest-algorithm=${algorithm}`);
        expectStatus(
          await server.client.request("PATCH", session, { body: blob.bytes.subarray(0, MiB) }),
          202,
        );
        await server.crash();
        assert.equal(await offsetOf(server.client, session), MiB);
        expectStatus(await server.client.request("PATCH", session, { body: blob.bytes.subarray(MiB) }), 202);
        await server.crash();
        assert.equal(await offsetOf(server.client, session), 3 * MiB);
        await finishFrom(server.client, session, 3 * MiB, blob);
        await blobIsThere(server.client, "app", blob);
      });
    }

    test("in mid-PUT: no blob; the session goes on or the push is repeated", async () => {
      await using server = await start();
      for (const how of ["PUT", "POST"] as const) {
        const blob = content(8 * MiB);
        const session = how === "PUT" ? await server.client.startUpload("app") : undefined;
        const path = withQuery(session ?? "/v2/app/blobs/uploads/", `digest=${blob.digest}`);
        await midway(server, how, path, blob.bytes.length, blob.bytes.subarray(0, 5 * MiB));
        await server.crash();
        await blobIsAbsent(server.client, "app", blob);
        const offset = session === undefined ? undefined : await offsetOf(server.client, session);
        if (session !== undefined && offset !== undefined)
          await finishFrom(server.client, session, offset, blob);
        else await server.client.pushBlob(blob.bytes, { repo: "app" });
        await blobIsThere(server.client, "app", blob);
      }
    });

    test("in mid-PUT of a small blob: no blob", async () => {
      await using server = await start();
      const blob = content(50_000);
      const path = withQuery(await server.client.startUpload("app"), `digest=${blob.digest}`);
      const { request, response } = server.client.begin("PUT", path, {
        headers: { "content-length": 50_000 },
      });
      response.catch(() => undefined);
      await new Promise<void>((resolve) => request.write(blob.bytes.subarray(0, 25_000), () => resolve()));
      await server.crash();
      await blobIsAbsent(server.client, "app", blob);
      await server.client.pushBlob(blob.bytes, { repo: "app" });
    });

    test("while the PUT's answer is awaited: whole or not at all, and there when acknowledged", async () => {
      await using server = await start();
      const delays = [5, 0, 8, 12, 25, 60];
      for (const [i, size] of [0, 1, 50_000, 300_000, 3 * MiB, 20 * MiB].entries()) {
        const blob = content(size);
        const session = await server.client.startUpload("app");
        const path = withQuery(session, `digest=${blob.digest}`);
        const put = server.client.request("PUT", path, { body: blob.bytes }).catch(() => undefined);
        // From at once to after the answer; which of them it was, the outcome tells.
        await sleep(delays[i]);
        await server.kill();
        const acknowledged = (await put)?.status === 201;
        await server.start();
        const there = await blobIsWhole(server.client, "app", blob);
        if (acknowledged) assert.ok(there, "an acknowledged blob is gone");
        await server.client.pushBlob(blob.bytes, { repo: "app" });
        await blobIsThere(server.client, "app", blob);
      }
    });

    test("after the PUT's 201: the blob is there", async () => {
      await using server = await start();
      const blobs: Content[] = [];
      for (const algorithm of ["sha256", "sha512"] satisfies Algorithm[]) {
        for (const how of ["post-put", "post", "patch", "chunked"] as const) {
          for (const size of [0, 40_000, 2 * MiB]) {
            const blob = content(size, algorithm);
            await server.client.pushBlob(blob.bytes, { repo: "app", algorithm, how });
            blobs.push(blob);
          }
        }
      }
      await server.crash();
      for (const blob of blobs) await blobIsThere(server.client, "app", blob);
    });

    test("after a 400 for a wrong digest, a cancel's 204 and a mount's 201", async () => {
      await using server = await start();
      const [wrong, cancelled, mounted] = [content(200_000), content(200_000), content(1000)];
      const first = await server.client.startUpload("app");
      const put = withQuery(first, `digest=${unknownDigest()}`);
      expectStatus(await server.client.request("PUT", put, { body: wrong.bytes }), 400);
      const second = await server.client.startUpload("app");
      expectStatus(await server.client.request("PATCH", second, { body: cancelled.bytes }), 202);
      expectStatus(await server.client.remove(second), 204);
      await server.client.pushBlob(mounted.bytes, { repo: "source" });
      const mount = `/v2/app/blobs/uploads/?mount=${mounted.digest}&from=source`;
      expectStatus(await server.client.request("POST", mount), 201);
      await server.crash();
      for (const session of [first, second]) assert.equal(await offsetOf(server.client, session), undefined);
      await blobIsAbsent(server.client, "app", wrong);
      await blobIsAbsent(server.client, "app", cancelled);
      await blobIsThere(server.client, "app", mounted);
    });
  });
}
