import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
  type PushHow,
} from "../harness/registry-client.ts";

const ways: [PushHow, string][] = [
  ["post-put", "POST then PUT"],
  ["post", "a single POST"],
  ["patch", "a streamed PATCH"],
  ["chunked", "PATCHes with Content-Range"],
];

const contents: [string, Buffer][] = [
  ["512 bytes", freshBytes(512)],
  ["3 MiB", freshBytes(3 * 1024 * 1024 + 7)],
  ["no bytes", Buffer.alloc(0)],
  ["the empty JSON object", Buffer.from("{}")],
];

for (const algorithm of ["sha256", "sha512"] as const) {
  for (const [how, spoken] of ways) {
    for (const [what, bytes] of contents) {
      test(`a ${algorithm} blob of ${what} pushed by ${spoken} comes back and can be deleted`, async () => {
        await using berth = await startBerth();
        const client = registryClient(berth.url);
        const digest = await client.pushBlob(bytes, { repo: "app/web", algorithm, how });
        const path = `/v2/app/web/blobs/${digest}`;

        const get = await client.get(path);
        expectStatus(get, 200);
        assert.ok(get.body.equals(bytes));
        const head = await client.head(path);
        expectStatus(head, 200);
        assert.equal(head.body.length, 0);
        for (const answer of [get, head]) {
          assert.equal(answer.headers.get("docker-content-digest"), digest);
          assert.equal(answer.headers.get("content-length"), String(bytes.length));
          assert.equal(answer.headers.get("content-type"), "application/octet-stream");
        }

        expectStatus(await client.remove(path), 202);
        expectError(await client.get(path), 404, "BLOB_UNKNOWN");
        expectError(await client.head(path), 404);
      });
    }
  }
}

test("the finished upload says where the blob is and its digest", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  for (const algorithm of ["sha256", "sha512"] as const) {
    const bytes = freshBytes(100);
    const digest = digestOf(bytes, algorithm);
    const session = await client.startUpload("app/web");
    const finished = [
      await client.request("PUT", `${session}?digest=${digest}`, { body: bytes }),
      await client.request("POST", `/v2/app/web/blobs/uploads/?digest=${digest}`, { body: bytes }),
    ];
    for (const answer of finished) {
      expectStatus(answer, 201);
      assert.equal(answer.headers.get("docker-content-digest"), digest);
      const blob = await client.get(client.pathOf(answer));
      expectStatus(blob, 200);
      assert.ok(blob.body.equals(bytes));
    }
  }
});

test("a percent-encoded digest in the query is the same digest", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes();
  const digest = digestOf(bytes);
  const path = `/v2/app/blobs/uploads/?digest=${encodeURIComponent(digest)}`;
  expectStatus(await client.request("POST", path, { body: bytes }), 201);
  expectStatus(await client.get(`/v2/app/blobs/${encodeURIComponent(digest)}`), 200);
});

test("a blob pushed again is simply there", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes(200);
  for (const [how] of ways) await client.pushBlob(bytes, { repo: "app", how });
  assert.ok((await client.get(`/v2/app/blobs/${digestOf(bytes)}`)).body.equals(bytes));
});

test("a client that waits for 100 Continue is told to go on", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes(300_000);
  const path = `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`;
  const headers = { expect: "100-continue", "content-length": bytes.length };
  const { request, response } = client.begin("POST", path, { headers });
  request.flushHeaders();
  await once(request, "continue", { signal: AbortSignal.timeout(20_000) });
  request.end(bytes);
  expectStatus(await receive("POST", path, await response), 201);
});
