import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import {
  digestOf,
  expectStatus,
  freshBytes,
  oci,
  receive,
  registryClient,
} from "../harness/registry-client.ts";
import { overQuota, startUnder, storedFiles } from "./quota-place.ts";

const KiB = 1024;
const blobsOf = (repo: string) => `/v2/${repo}/blobs/uploads/`;

test("a whole blob that can't fit is refused by its Content-Length, before its bytes come", async () => {
  await using berth = await startUnder("name: small, repositories: 'team/**', bytes: 100KiB");
  const client = registryClient(berth.url);
  await client.pushBlob(freshBytes(60 * KiB), { repo: "team/app" });
  const bytes = freshBytes(900 * KiB);
  const path = `${blobsOf("team/app")}?digest=${digestOf(bytes)}`;
  const headers = { "content-length": bytes.length, expect: "100-continue" };
  const { request, response } = client.begin("POST", path, { headers });
  let continued = false;
  request.on("continue", () => (continued = true));
  request.flushHeaders();
  const answer = await receive("POST", path, await response);
  request.destroy();
  const { message, ...detail } = overQuota(answer);
  assert.equal(continued, false, "its body wasn't asked for");
  assert.deepEqual(detail, {
    quota: "small",
    of: "bytes",
    used: 60 * KiB,
    allowed: 100 * KiB,
    adding: 900 * KiB,
    words: { used: "60 KiB", allowed: "100 KiB", adding: "900 KiB" },
  });
  assert.match(
    message,
    /team\/app is over the quota small: 60 KiB of 100 KiB are used.* would add 900 KiB, which is more than the 40 KiB that are left\./,
  );
  expectStatus(await client.request("POST", path.replace("team/app", "other"), { body: bytes }), 201);
});

test("who asks whether a body is wanted is told so, and can push", async () => {
  await using berth = await startUnder("bytes: 1MiB");
  const client = registryClient(berth.url);
  const bytes = freshBytes(200 * KiB);
  const path = `${blobsOf("app")}?digest=${digestOf(bytes)}`;
  const headers = { "content-length": bytes.length, expect: "100-continue" };
  const { request, response } = client.begin("POST", path, { headers });
  request.flushHeaders();
  await once(request, "continue");
  request.end(bytes);
  expectStatus(await receive("POST", path, await response), 201);
});

for (const [how, size] of [
  ["patch", 300 * KiB],
  ["chunked", 300 * KiB],
  ["post-put", 300 * KiB],
  ["post", 300 * KiB],
  ["post-put", 64 * KiB],
  ["post", 64 * KiB],
] as const)
  test(`a push of ${size / KiB} KiB by ${how} that is over leaves neither bytes nor a session`, async () => {
    await using berth = await startUnder("bytes: 50KiB");
    const client = registryClient(berth.url);
    const error = await client.pushBlob(freshBytes(size), { repo: "app", how }).catch((e: unknown) => e);
    assert.match(String(error), /403/);
    assert.deepEqual(await storedFiles(berth.data), []);
    // A last blob fits: nothing was counted.
    await client.pushBlob(freshBytes(50 * KiB), { repo: "app", how });
  });

test("a body of unknown length is cut where it goes over, and its session is gone", async () => {
  await using berth = await startUnder("bytes: 100KiB");
  const client = registryClient(berth.url);
  const session = await client.startUpload("app");
  async function* endless() {
    for (let sent = 0; sent < 64; sent++) {
      yield freshBytes(32 * KiB);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const answer = await client.request("PATCH", session, { body: endless() });
  const { adding, used, message } = overQuota(answer);
  assert.equal(used, 0);
  assert.match(message, /would add (at least .*, which is )?more than the 100 KiB that are left/);
  assert.match(answer.body.toString(), /"at_least":true/);
  assert.ok(adding > 100 * KiB && adding < 2 * KiB * KiB, `it read ${adding}`);
  expectStatus(await client.get(session), 404);
  assert.deepEqual(await storedFiles(berth.data), []);
});

test("a chunk that can't fit behind what came is refused before it is read; the session is gone", async () => {
  await using berth = await startUnder("bytes: 100KiB");
  const client = registryClient(berth.url);
  const session = await client.startUpload("app");
  expectStatus(await client.request("PATCH", session, { body: freshBytes(80 * KiB) }), 202);
  const answer = await client.request("PATCH", session, { body: freshBytes(30 * KiB) });
  assert.equal(overQuota(answer).adding, 110 * KiB);
  expectStatus(await client.get(session), 404);
  assert.deepEqual(await storedFiles(berth.data), []);
});

test("where nothing fits any more an upload isn't begun; what is there can be pushed and tagged again", async () => {
  await using berth = await startUnder("bytes: 20KiB, tags: 2");
  const client = registryClient(berth.url);
  const layer = freshBytes(10 * KiB);
  const image = oci.image({ layers: [layer] });
  const pushAll = async (tag: string) => {
    for (const { bytes } of image.blobs)
      expectStatus(
        await client.request("POST", `${blobsOf("app")}?digest=${digestOf(bytes)}`, { body: bytes }),
        201,
      );
    return client.putManifest("app", tag, image.bytes, image.mediaType);
  };
  expectStatus(await pushAll("one"), 201);
  const free = 20 * KiB - [...image.blobs, image].reduce((sum, { bytes }) => sum + bytes.length, 0);
  // Elsewhere, so that nothing takes it back.
  await client.pushBlob(freshBytes(free), { repo: "filler" });
  overQuota(await client.request("POST", blobsOf("app")));
  expectStatus(await pushAll("one"), 201);
  expectStatus(await pushAll("two"), 201);
  const { of, used, allowed, adding } = overQuota(await pushAll("three"));
  assert.deepEqual([of, used, allowed, adding], ["tags", 2, 2, 1]);
  const parts = { layers: [layer], config: image.blobs[0]?.bytes ?? assert.fail() };
  const other = oci.image({ ...parts, annotations: { a: "new bytes" } });
  overQuota(await client.putManifest("app", other.digest, other.bytes, other.mediaType));
});

test("a mount that is over is refused, and no session begins for it", async () => {
  await using berth = await startUnder("repositories: 'to/*', per: repository, bytes: 10KiB");
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(freshBytes(11 * KiB), { repo: "from" });
  const mount = (to: string) => client.request("POST", `${blobsOf(to)}?mount=${digest}&from=from`);
  const { used, adding } = overQuota(await mount("to/a"));
  assert.deepEqual([used, adding], [0, 11 * KiB]);
  expectStatus(await mount("elsewhere"), 201);
});

test("a refused push takes its blobs back that no manifest names, and nothing else", async () => {
  await using berth = await startUnder("bytes: 100KiB");
  const client = registryClient(berth.url);
  const image = oci.image({ layers: [freshBytes(5 * KiB)] });
  expectStatus(await client.push("app", image, "1"), 201);
  const first = await client.pushBlob(freshBytes(40 * KiB), { repo: "app" });
  const elsewhere = await client.pushBlob(freshBytes(10 * KiB), { repo: "other" });
  const second = freshBytes(70 * KiB);
  const path = `${blobsOf("app")}?digest=${digestOf(second)}`;
  overQuota(await client.request("POST", path, { body: second }));
  expectStatus(await client.head(`/v2/app/blobs/${first}`), 404);
  expectStatus(await client.head(`/v2/other/blobs/${elsewhere}`), 200);
  for (const { digest } of image.blobs) expectStatus(await client.head(`/v2/app/blobs/${digest}`), 200);
  expectStatus(await client.request("POST", path, { body: second }), 201);
});

test("a manifest that is refused takes its own blobs with it, and none of another push under way", async () => {
  await using berth = await startUnder("tags: 1");
  const client = registryClient(berth.url);
  const [first, next, refused] = [oci.image(), oci.image(), oci.image()];
  expectStatus(await client.push("app", first, "latest"), 201);
  for (const { bytes } of [...next.blobs, ...refused.blobs]) await client.pushBlob(bytes, { repo: "app" });
  overQuota(await client.putManifest("app", "another", refused.bytes, refused.mediaType));
  for (const { digest } of refused.blobs) expectStatus(await client.head(`/v2/app/blobs/${digest}`), 404);
  expectStatus(await client.putManifest("app", "latest", next.bytes, next.mediaType), 201);
});

test("16 pushes at once into a quota that fits 5", async () => {
  await using berth = await startUnder("bytes: 500KiB");
  const client = registryClient(berth.url);
  const pushed = await Promise.all(
    Array.from({ length: 16 }, (_, at) => {
      const bytes = freshBytes(100 * KiB);
      return client.request("POST", `${blobsOf(`app/r${at}`)}?digest=${digestOf(bytes)}`, { body: bytes });
    }),
  );
  const statuses = pushed.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...Array<number>(5).fill(201), ...Array<number>(11).fill(403)]);
  assert.equal((await storedFiles(berth.data)).length, 5);
});

test("what only just doesn't fit never reads as if it did", async () => {
  await using berth = await startUnder("bytes: 300KiB");
  const client = registryClient(berth.url);
  const push = (size: number) => {
    const bytes = freshBytes(size);
    return client.request("POST", `${blobsOf("app")}?digest=${digestOf(bytes)}`, { body: bytes });
  };
  // Elsewhere, so that nothing takes it back.
  await client.pushBlob(freshBytes(200 * KiB), { repo: "filler" });
  const just = overQuota(await push(100 * KiB + 1)).message;
  assert.match(just, /200 KiB of 300 KiB are used, and this would add more than the 100 KiB that are left\./);
  const session = await client.startUpload("app");
  const part = await client.request("PATCH", session, { body: freshBytes(150 * KiB) });
  assert.match(overQuota(part).message, /would add at least 150 KiB, which is more than the 100 KiB/);
});
