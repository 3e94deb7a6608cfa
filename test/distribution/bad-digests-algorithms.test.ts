import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
  unknownDigest,
  withQuery,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** The algorithm of a session is an announcement, not a promise: the digest at the finish decides. */
describe("digest algorithms of upload sessions", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  /** Sends `bytes` to a session in the given parts (the last one with the PUT) and finishes it. */
  async function finish(session: string, parts: Uint8Array[], digest: string): Promise<void> {
    const last = parts.at(-1) ?? new Uint8Array();
    let path = session;
    for (const part of parts.slice(0, -1)) {
      const patched = await client.request("PATCH", path, { body: part });
      expectStatus(patched, 202);
      path = client.pathOf(patched);
    }
    const put = await client.request("PUT", withQuery(path, `digest=${digest}`), { body: last });
    expectStatus(put, 201);
    assert.equal(put.headers.get("docker-content-digest"), digest);
    const pulled = await client.get(`/v2/app/blobs/${digest}`);
    expectStatus(pulled, 200);
    assert.deepEqual(pulled.body, Buffer.concat(parts));
    assert.equal(pulled.headers.get("docker-content-digest"), digest);
  }

  for (const [begun, finished] of [
    ["", "sha512"],
    ["?digest-algorithm=sha256", "sha512"],
    ["?digest-algorithm=sha512", "sha256"],
    ["?digest-algorithm=sha512", "sha512"],
  ] as const) {
    const name = begun === "" ? "without an algorithm" : `with ${begun}`;
    test(`${finished} on a session begun ${name}`, async () => {
      const bytes = freshBytes(100_000);
      for (const parts of [
        [bytes],
        [bytes, new Uint8Array()],
        [bytes.subarray(0, 7), bytes.subarray(7, 70_000), bytes.subarray(70_000)],
        [new Uint8Array()],
      ]) {
        const digest = digestOf(Buffer.concat(parts), finished);
        await finish(await client.startUpload("app", begun), parts, digest);
      }
    });
  }

  test("a wrong sha512 on a session begun without an algorithm is found out", async () => {
    const bytes = freshBytes(1000);
    const session = await client.startUpload("app");
    expectStatus(await client.request("PATCH", session, { body: bytes }), 202);
    const wrong = unknownDigest("sha512");
    expectError(await client.request("PUT", withQuery(session, `digest=${wrong}`)), 400, "DIGEST_INVALID");
    expectError(await client.get(`/v2/app/blobs/${wrong}`), 404, "BLOB_UNKNOWN");
  });

  test("`digest-algorithm=md5` and other unknown ones begin no session", async () => {
    for (const algorithm of [
      "md5",
      "sha1",
      "sha384",
      "SHA256",
      "",
      "constructor",
      "sha256%00",
      "sha256,sha512",
    ]) {
      const answer = await client.request("POST", `/v2/app/blobs/uploads/?digest-algorithm=${algorithm}`);
      expectError(answer, 400);
      assert.equal(answer.headers.get("location"), undefined);
    }
  });

  test("a mount's sha512 digest announces the algorithm for its fallback session", async () => {
    const bytes = freshBytes(50_000);
    const digest = digestOf(bytes, "sha512");
    const mount = await client.request("POST", `/v2/app/blobs/uploads/?mount=${digest}&from=nowhere`);
    expectStatus(mount, 202);
    await finish(client.pathOf(mount), [bytes.subarray(0, 20_000), bytes.subarray(20_000)], digest);
  });

  test("a mount's fallback session takes another digest than the one that was to be mounted", async () => {
    const bytes = freshBytes(500);
    const mount = await client.request(
      "POST",
      `/v2/app/blobs/uploads/?mount=${unknownDigest("sha512")}&from=nowhere`,
    );
    expectStatus(mount, 202);
    await finish(client.pathOf(mount), [bytes], digestOf(bytes));
  });

  test("one blob known by sha256 isn't there by its sha512 until it was pushed so", async () => {
    const bytes = freshBytes(500);
    await client.pushBlob(bytes, { repo: "app" });
    const other = digestOf(bytes, "sha512");
    expectError(await client.get(`/v2/app/blobs/${other}`), 404, "BLOB_UNKNOWN");
    await client.pushBlob(bytes, { repo: "app", algorithm: "sha512" });
    expectStatus(await client.get(`/v2/app/blobs/${other}`), 200);
  });
});
