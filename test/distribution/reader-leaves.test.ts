import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
} from "../harness/registry-client.ts";
import { blobFile, openDescriptors } from "./blob-files.ts";

/** More than socket buffers hold on both sides, so that the server is still reading. */
const bytes = freshBytes(48 * 1024 * 1024);

/** Waits, bounded, until nothing in this process has the file open. */
async function freed(file: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if ((await openDescriptors(file)) === 0) return;
    await delay(50);
  }
  assert.fail("the file is still open after 10 s");
}

async function reading(berth: { url: string; data: string }) {
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(bytes, { repo: "app" });
  const file = await blobFile(berth.data, digest);
  const path = `/v2/app/blobs/${digest}`;
  const { request, response } = client.begin("GET", path);
  request.end();
  const incoming = await response;
  await once(incoming, "readable");
  assert.ok((await openDescriptors(file)) > 0, "the blob is being read");
  return { client, file, path, incoming };
}

test("a client that leaves in the middle of a blob frees the file", async () => {
  await using berth = await startBerth();
  const { client, file, incoming } = await reading(berth);
  incoming.on("error", () => undefined);
  incoming.destroy();
  await freed(file);
  expectStatus(await client.get("/v2/"), 200);
});

test("a client that stops reading for limits.body_idle_timeout is cut off and frees the file", async () => {
  await using berth = await startBerth({ limits: { body_idle_timeout: 300 } });
  const { file, incoming } = await reading(berth);
  incoming.on("error", () => undefined);
  await freed(file);
  incoming.destroy();
});

test("clients that ask and leave at once leave no file open", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(bytes, { repo: "app" });
  const file = await blobFile(berth.data, digest);
  for (let i = 0; i < 20; i++) {
    const { request } = client.begin("GET", `/v2/app/blobs/${digest}`);
    request.on("error", () => undefined);
    request.end();
    await delay(i % 4);
    request.destroy();
  }
  await freed(file);
});

test("delete during a read: the reader gets every byte, everyone else 404", async () => {
  await using berth = await startBerth();
  const { client, file, path, incoming } = await reading(berth);
  expectStatus(await client.remove(path), 202);
  expectError(await client.get(path), 404, "BLOB_UNKNOWN");
  const { body } = await receive("GET", path, incoming);
  assert.equal(digestOf(body), digestOf(bytes));
  await freed(file);
});

test("HEAD, 304 and 416 leave no file open", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(bytes, { repo: "app" });
  const file = await blobFile(berth.data, digest);
  const path = `/v2/app/blobs/${digest}`;
  expectStatus(await client.head(path), 200);
  expectStatus(await client.get(path, { "if-none-match": `"${digest}"` }), 304);
  expectStatus(await client.get(path, { range: "bytes=9-1" }), 416);
  expectStatus(await client.get(path, { range: "bytes=0-9" }), 206);
  await freed(file);
});
