import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../crash/eventually.ts";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
  withQuery,
  type Algorithm,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** Bodies that stop in the middle: what came is kept, and the client goes on from there. */
describe("uploads that break off", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth({ limits: { body_idle_timeout: 2000 } });
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  async function offsetOf(session: string): Promise<number> {
    const status = await client.get(session);
    expectStatus(status, 204);
    const end = Number(/^0-(\d+)$/.exec(status.headers.get("range") ?? "")?.[1] ?? NaN);
    assert.ok(Number.isInteger(end));
    return end === 0 ? 0 : end + 1;
  }

  /** Begins a request, sends only `sent`, and hangs up. */
  async function vanish(
    method: string,
    path: string,
    headers: Record<string, string>,
    sent: Uint8Array,
  ): Promise<void> {
    const { request } = client.begin(method, path, { headers });
    await new Promise<void>((resolve) => request.write(sent, () => resolve()));
    const closed = new Promise<void>((resolve) => request.once("close", () => resolve()));
    request.destroy();
    await closed;
  }

  /** Asks what came and sends the rest from there, until the server took it. */
  async function resume(session: string, bytes: Buffer): Promise<void> {
    await eventually("the upload goes on", async () => {
      const offset = await offsetOf(session);
      assert.ok(offset <= bytes.length);
      const headers = { "content-range": `${offset}-${bytes.length - 1}` };
      const answer = await client.request("PATCH", session, { body: bytes.subarray(offset), headers });
      // The server may still be about to notice that the first writer is gone.
      if (answer.status !== 202) expectStatus(answer, 409, 416);
      return answer.status === 202;
    });
  }

  for (const algorithm of ["sha256", "sha512"] satisfies Algorithm[]) {
    for (const length of ["with a Content-Length", "as a chunked transfer"]) {
      test(`the client vanishes in mid-chunk, ${length}, then resumes (${algorithm})`, async () => {
        const bytes = freshBytes(1_000_000);
        const digest = digestOf(bytes, algorithm);
        const session = await client.startUpload("app", `?digest-algorithm=${algorithm}`);
        expectStatus(await client.request("PATCH", session, { body: bytes.subarray(0, 100_000) }), 202);
        const headers: Record<string, string> = length.startsWith("with")
          ? { "content-length": "900000", "content-range": "100000-999999" }
          : { "transfer-encoding": "chunked" };
        await vanish("PATCH", session, headers, bytes.subarray(100_000, 700_000));
        const came = await eventually("some of what was sent is kept", async () => {
          const offset = await offsetOf(session);
          return offset > 100_000 && offset;
        });
        assert.ok(came <= 700_000, `${came} bytes`);
        await resume(session, bytes);
        expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
        assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
      });
    }
  }

  test("the client vanishes again and again", async () => {
    const bytes = freshBytes(500_000);
    const session = await client.startUpload("app");
    for (let i = 0; i < 10; i++) {
      const offset = await offsetOf(session);
      const end = Math.min(offset + 40_000, bytes.length);
      const headers = { "content-length": String(bytes.length - offset) };
      await vanish("PATCH", session, headers, bytes.subarray(offset, end));
      // The session must be free again before the next try, else that one would be refused as a second writer.
      await eventually("the writer is given up", async () => {
        const answer = await client.request("PATCH", session);
        return answer.status === 202;
      });
    }
    await resume(session, bytes);
    const digest = digestOf(bytes);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
    assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
  });

  for (const size of [50_000, 1_000_000]) {
    test(`the client vanishes in the final PUT of ${size} bytes: no blob, the session goes on`, async () => {
      const bytes = freshBytes(size);
      const digest = digestOf(bytes);
      const session = await client.startUpload("app");
      const path = withQuery(session, `digest=${digest}`);
      await vanish("PUT", path, { "content-length": String(size) }, bytes.subarray(0, size / 2));
      expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
      await resume(session, bytes);
      expectStatus(await client.request("PUT", path), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    });

    test(`the client vanishes in a single POST of ${size} bytes: no blob`, async () => {
      const bytes = freshBytes(size);
      const digest = digestOf(bytes);
      const path = `/v2/app/blobs/uploads/?digest=${digest}`;
      await vanish("POST", path, { "content-length": String(size) }, bytes.subarray(0, size / 2));
      expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
      expectStatus(await client.request("POST", path, { body: bytes }), 201);
    });
  }

  test("a slow-loris body that goes on lives longer than the idle timeout", async () => {
    const bytes = freshBytes(30);
    const session = await client.startUpload("app");
    const { request, response } = client.begin("PATCH", session, {
      headers: { "content-length": bytes.length },
    });
    for (let i = 0; i < bytes.length; i++) {
      request.write(bytes.subarray(i, i + 1));
      await sleep(100);
    }
    request.end();
    expectStatus(await receive("PATCH", session, await response), 202);
    const digest = digestOf(bytes);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
    assert.deepEqual((await client.get(`/v2/app/blobs/${digest}`)).body, bytes);
  });

  test("a slow-loris body that falls silent is 408, and what came is resumable", async () => {
    const bytes = freshBytes(100_000);
    const session = await client.startUpload("app");
    const { request, response } = client.begin("PATCH", session, {
      headers: { "content-length": bytes.length },
    });
    request.write(bytes.subarray(0, 50_000));
    expectError(await receive("PATCH", session, await response), 408);
    request.destroy();
    assert.equal(await offsetOf(session), 50_000);
    await resume(session, bytes);
    const digest = digestOf(bytes);
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
    assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
  });

  test("a final PUT and a manifest PUT that fall silent are 408, and nothing is there", async () => {
    const bytes = freshBytes(50_000);
    const digest = digestOf(bytes);
    const session = await client.startUpload("app");
    const type = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
    const paths = [withQuery(session, `digest=${digest}`), "/v2/app/manifests/silent"];
    await Promise.all(
      paths.map(async (path) => {
        const headers = { ...type, "content-length": bytes.length };
        const { request, response } = client.begin("PUT", path, { headers });
        request.write(bytes.subarray(0, 10_000));
        expectError(await receive("PUT", path, await response), 408);
        request.destroy();
      }),
    );
    expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    expectError(await client.get("/v2/app/manifests/silent"), 404, "MANIFEST_UNKNOWN");
  });

  test("a hundred silent bodies don't hold up others, and all end", async () => {
    const silent = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const session = await client.startUpload("app");
        const { request, response } = client.begin("PATCH", session, { headers: { "content-length": 1000 } });
        request.write("x");
        return { session, request, response };
      }),
    );
    await client.pushBlob(freshBytes(300_000), { repo: "app", how: "patch" });
    for (const { session, request, response } of silent) {
      expectError(await receive("PATCH", session, await response), 408);
      request.destroy();
    }
  });
});
