import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
  withQuery,
} from "../harness/registry-client.ts";

const mountPath = (digest: string, from?: string) =>
  `/v2/target/app/blobs/uploads/?mount=${digest}` +
  (from === undefined ? "" : `&from=${encodeURIComponent(from)}`);

for (const algorithm of ["sha256", "sha512"] as const) {
  for (const [how, from] of [
    ["from the repository that has it", "source/app"],
    ["from nowhere in particular", undefined],
  ] as const) {
    test(`mounting a ${algorithm} blob ${how} links it without an upload`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      const bytes = freshBytes(512);
      const digest = await client.pushBlob(bytes, { repo: "source/app", algorithm });
      expectError(await client.head(`/v2/target/app/blobs/${digest}`), 404);

      const mounted = await client.request("POST", mountPath(digest, from));
      expectStatus(mounted, 201);
      assert.equal(mounted.headers.get("docker-content-digest"), digest);
      assert.equal(client.pathOf(mounted), `/v2/target/app/blobs/${digest}`);
      assert.ok((await client.get(client.pathOf(mounted))).body.equals(bytes));

      // Each link is the repository's own.
      expectStatus(await client.remove(`/v2/source/app/blobs/${digest}`), 202);
      expectError(await client.get(`/v2/source/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
      assert.ok((await client.get(`/v2/target/app/blobs/${digest}`)).body.equals(bytes));
      expectStatus(await client.remove(`/v2/target/app/blobs/${digest}`), 202);
      expectError(await client.head(`/v2/target/app/blobs/${digest}`), 404);
    });
  }

  for (const what of ["exists nowhere", "isn't in the repository named by from"]) {
    test(`mounting a ${algorithm} blob that ${what} is 202 with a session that works`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      const bytes = freshBytes(512);
      const digest = digestOf(bytes, algorithm);
      if (what !== "exists nowhere") await client.pushBlob(bytes, { repo: "elsewhere", algorithm });
      const begun = await client.request("POST", mountPath(digest, "source/app"));
      expectStatus(begun, 202);
      expectError(await client.head(`/v2/target/app/blobs/${digest}`), 404);
      const session = withQuery(client.pathOf(begun), `digest=${digest}`);
      const put = await client.request("PUT", session, { body: bytes });
      expectStatus(put, 201);
      assert.equal(put.headers.get("docker-content-digest"), digest);
      assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
    });
  }
}

test("a blob deleted from every repository can't be mounted any more", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(freshBytes(), { repo: "source/app" });
  expectStatus(await client.remove(`/v2/source/app/blobs/${digest}`), 202);
  expectStatus(await client.request("POST", mountPath(digest, "source/app")), 202);
  expectStatus(await client.request("POST", mountPath(digest)), 202);
});

test("mounting what the target has already is 201", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(freshBytes(), { repo: "target/app" });
  expectStatus(await client.request("POST", mountPath(digest, "target/app")), 201);
});

test("mounting a malformed digest is DIGEST_INVALID", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  expectError(await client.request("POST", mountPath("sha256:nothex", "source/app")), 400, "DIGEST_INVALID");
});
