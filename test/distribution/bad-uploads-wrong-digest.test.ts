import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "../crash/eventually.ts";
import { storedFiles } from "../crash/stored-files.ts";
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

/** A finish with the wrong digest: 400 DIGEST_INVALID, the session is over, nothing is left on disk. */
describe("a finish with the wrong digest", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  /** Sizes of what lies on disk, however it is laid out. */
  const sizes = async () => (await storedFiles(berth.data)).map(({ size }) => size);

  async function leavesNothing(bytes: Uint8Array, wrong: string): Promise<void> {
    for (const digest of [wrong, digestOf(bytes), digestOf(bytes, "sha512")]) {
      expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
      expectError(await client.head(`/v2/app/blobs/${digest}`), 404);
    }
    await eventually("no file of that size is left", async () => !(await sizes()).includes(bytes.length));
  }

  // Odd sizes, so that no other file has the same one; below and above what is received in memory.
  for (const size of [1237, 54_321, 1_234_567]) {
    for (const algorithm of ["sha256", "sha512"] as const) {
      test(`leaves no blob of ${size} bytes: ${algorithm}, by PUT`, async () => {
        const bytes = freshBytes(size);
        const wrong = unknownDigest(algorithm);
        const session = await client.startUpload("app");
        const put = await client.request("PUT", withQuery(session, `digest=${wrong}`), { body: bytes });
        expectError(put, 400, "DIGEST_INVALID");
        expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
        await leavesNothing(bytes, wrong);
      });

      test(`leaves no blob of ${size} bytes: ${algorithm}, by PATCH and PUT`, async () => {
        const bytes = freshBytes(size);
        const wrong = unknownDigest(algorithm);
        const session = await client.startUpload("app", `?digest-algorithm=${algorithm}`);
        expectStatus(await client.request("PATCH", session, { body: bytes.subarray(0, 1000) }), 202);
        expectStatus(await client.request("PATCH", session, { body: bytes.subarray(1000) }), 202);
        expectError(
          await client.request("PUT", withQuery(session, `digest=${wrong}`)),
          400,
          "DIGEST_INVALID",
        );
        expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
        await leavesNothing(bytes, wrong);
      });

      test(`leaves no blob of ${size} bytes: ${algorithm}, by a single POST`, async () => {
        const bytes = freshBytes(size);
        const wrong = unknownDigest(algorithm);
        const post = await client.request("POST", `/v2/app/blobs/uploads/?digest=${wrong}`, { body: bytes });
        expectError(post, 400, "DIGEST_INVALID");
        await leavesNothing(bytes, wrong);
      });
    }
  }

  test("a digest that another blob has makes neither of them the other", async () => {
    const bytes = freshBytes(2000);
    const digest = await client.pushBlob(bytes, { repo: "app" });
    const session = await client.startUpload("app");
    const put = await client.request("PUT", withQuery(session, `digest=${digest}`), {
      body: freshBytes(2000),
    });
    expectError(put, 400, "DIGEST_INVALID");
    assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
  });

  test("the digest of another repository's blob, with no bytes, links nothing", async () => {
    const digest = await client.pushBlob(freshBytes(2000), { repo: "elsewhere" });
    const session = await client.startUpload("app");
    expectError(await client.request("PUT", withQuery(session, `digest=${digest}`)), 400, "DIGEST_INVALID");
    expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
  });
});
