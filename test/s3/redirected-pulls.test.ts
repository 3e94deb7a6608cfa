import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth, type TestBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
  type RegistryClient,
} from "../harness/registry-client.ts";
import { bucketContent } from "./bucket-content.ts";
import { startFaultProxy } from "./fault-proxy.ts";
import { s3Section } from "./s3-section.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

const repo = "team/app";
const bytes = freshBytes(200_000);

describe("pulls of blobs in a bucket", withRgw, () => {
  let rgw: Rgw;
  let berth: TestBerth;
  let client: RegistryClient;
  let path: string;

  async function start(more: Record<string, unknown>, proxies = "") {
    const server = await startBerth({}, `${proxies}\n${s3Section(rgw, await rgw.bucket(), more)}`);
    const its = registryClient(server.url);
    return { server, its, path: `/v2/${repo}/blobs/${await its.pushBlob(bytes, { repo })}` };
  }

  before(async () => {
    rgw = await startRgw();
    ({ server: berth, its: client, path } = await start({}));
  });
  after(async () => {
    await berth[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
  });

  const rangesOf: [string, Record<string, string>, number, Uint8Array][] = [
    ["the whole", {}, 200, bytes],
    ["a range", { range: "bytes=500-1499" }, 206, bytes.subarray(500, 1500)],
    ["an open range", { range: "bytes=199990-" }, 206, bytes.subarray(199_990)],
    ["a suffix", { range: "bytes=-10" }, 206, bytes.subarray(199_990)],
  ];
  for (const [what, headers, status, wanted] of rangesOf)
    test(`${what}: 307 to a signed URL that gives it, with the blob's digest`, async () => {
      const sent = await client.get(path, headers);
      expectStatus(sent, 307);
      assert.equal(sent.headers.get("docker-content-digest"), path.split("/").at(-1));
      assert.equal(sent.headers.get("cache-control"), "no-store");
      assert.equal(sent.body.length, 0);
      const answer = await fetch(sent.headers.get("location") ?? "", { headers });
      assert.equal(answer.status, status);
      assert.ok(Buffer.from(await answer.arrayBuffer()).equals(wanted));
    });

  test("many pulls of one blob ask the bucket for it once, and each is sent to what gives it", async () => {
    await using proxy = await startFaultProxy(rgw.endpoint);
    const section = s3Section(rgw, await rgw.bucket(), {}, { endpoint: proxy.url });
    await using server = await startBerth({}, section);
    const its = registryClient(server.url);
    const pulled = `/v2/${repo}/blobs/${await its.pushBlob(bytes, { repo })}`;
    proxy.plan(() => undefined);
    const answers = await Promise.all(Array.from({ length: 20 }, () => its.get(pulled)));
    const before = proxy.seen.length;
    answers.push(...(await Promise.all(Array.from({ length: 20 }, () => its.get(pulled)))));
    assert.equal(proxy.seen.length, before, "the bucket is asked again");
    for (const answer of answers) expectStatus(answer, 307);
    const url = answers.at(-1)?.headers.get("location") ?? "";
    assert.ok(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(bytes));
  });

  test("errors and rare cases are answered by Berth itself", async () => {
    expectStatus(await client.request("HEAD", path), 200);
    for (const range of ["bytes=200000-", "bytes=-0", "bytes=500-0"])
      expectError(await client.get(path, { range }), 416, "UNSUPPORTED");
    for (const range of ["bytes=abc", "items=0-1", "bytes=0-1,5-6"]) {
      const answer = await client.get(path, { range });
      expectStatus(answer, 200);
      assert.ok(answer.body.equals(bytes));
    }
    const tag = (await client.request("HEAD", path)).headers.get("etag") ?? "";
    expectStatus(await client.get(path, { "if-none-match": tag }), 304);
    const part = await client.get(path, { range: "bytes=0-9", "if-range": tag });
    expectStatus(part, 206);
    assert.ok(part.body.equals(bytes.subarray(0, 10)));
    expectError(await client.get(`/v2/${repo}/blobs/sha256:${"0".repeat(64)}`), 404, "BLOB_UNKNOWN");
  });

  test("an empty blob needs no bucket", async () => {
    const digest = await client.pushBlob(new Uint8Array(), { repo });
    expectStatus(await client.get(`/v2/${repo}/blobs/${digest}`), 200);
  });

  test("a CDN's base stands for the bucket's address; signature and path stay", async () => {
    const { server, its, path } = await start({ base_url: "https://cdn.example.org/blobs" });
    await using _server = server;
    const location = new URL((await its.get(path)).headers.get("location") ?? "");
    assert.equal(location.origin, "https://cdn.example.org");
    const real = new URL(location.pathname.replace("/blobs", "") + location.search, rgw.endpoint);
    const answer = await fetch(real);
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes));
  });

  for (const [what, redirect] of [
    ["redirects off", { enabled: false }],
    ["a client of an internal network", { stream_to: ["127.0.0.0/8"] }],
  ] as const)
    test(`${what}: the bytes come through Berth, with ranges`, async () => {
      const { server, its, path } = await start(redirect);
      await using _server = server;
      for (const [, headers, status, wanted] of rangesOf) {
        const answer = await its.get(path, headers);
        expectStatus(answer, status);
        assert.ok(answer.body.equals(wanted));
      }
    });

  test("behind a trusted proxy the client's own address counts", async () => {
    const { server, its, path } = await start({ stream_to: ["10.0.0.0/8"] }, "trusted_proxies: 127.0.0.1");
    await using _server = server;
    expectStatus(await its.get(path, { "x-forwarded-for": "10.1.2.3" }), 200);
    expectStatus(await its.get(path, { "x-forwarded-for": "192.0.2.7" }), 307);
  });
});

describe("pushes into a bucket", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  test("each way to push leaves one object a blob, which says its digest", async () => {
    const bucket = await rgw.bucket();
    await using berth = await startBerth({}, s3Section(rgw, bucket, { enabled: false }));
    const client = registryClient(berth.url);
    const ways = ["post-put", "post", "patch", "chunked"] as const;
    for (const [n, how] of ways.entries()) {
      const content = freshBytes(n % 2 === 0 ? 6 * 1024 * 1024 : 1000);
      const digest = await client.pushBlob(content, { repo, how });
      const answer = await client.get(`/v2/${repo}/blobs/${digest}`);
      assert.ok(answer.body.equals(content));
    }
    const { keys, blobs, multiparts } = await bucketContent(rgw.client, bucket);
    assert.equal(blobs.length, ways.length);
    assert.deepEqual(keys, blobs);
    assert.deepEqual(multiparts, []);
  });

  test("wrong digests leave nothing behind, also when only a read after the commit can tell", async () => {
    const bucket = await rgw.bucket();
    await using berth = await startBerth({}, s3Section(rgw, bucket, { enabled: false }));
    const client = registryClient(berth.url);
    const content = freshBytes(6 * 1024 * 1024);
    for (const wrong of [`sha256:${"1".repeat(64)}`, `sha512:${"1".repeat(128)}`]) {
      const upload = await client.startUpload(repo);
      const patched = await client.request("PATCH", upload, { body: content });
      expectStatus(patched, 202);
      const to = client.pathOf(patched);
      const answer = await client.request("PUT", `${to}${to.includes("?") ? "&" : "?"}digest=${wrong}`);
      expectError(answer, 400, "DIGEST_INVALID");
      assert.deepEqual(await bucketContent(rgw.client, bucket), { keys: [], blobs: [], multiparts: [] });
    }
  });

  test("a cancelled upload leaves nothing behind", async () => {
    const bucket = await rgw.bucket();
    await using berth = await startBerth({}, s3Section(rgw, bucket, { enabled: false }));
    const client = registryClient(berth.url);
    const upload = await client.startUpload(repo);
    const patched = await client.request("PATCH", upload, { body: freshBytes(9 * 1024 * 1024) });
    assert.equal((await bucketContent(rgw.client, bucket)).multiparts.length, 1);
    expectStatus(await client.request("DELETE", client.pathOf(patched)), 204);
    assert.deepEqual(await bucketContent(rgw.client, bucket), { keys: [], blobs: [], multiparts: [] });
  });
});
