import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  receive,
  registryClient,
} from "../harness/registry-client.ts";

test("uploads beyond limits.concurrent_uploads get 503 with Retry-After, reads go on, and it passes", async () => {
  await using berth = await startBerth({ limits: { concurrent_uploads: 1 } });
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  const bytes = freshBytes(10_000);
  const [busy, other] = [await client.startUpload("app"), await client.startUpload("app")];
  const { request, response } = client.begin("PATCH", busy, { headers: { "content-length": bytes.length } });
  request.write(bytes.subarray(0, 5_000));

  // The server counts an upload when its head has arrived, a moment after it was sent.
  let refused = await client.request("PATCH", other, { body: Buffer.from("x") });
  for (let i = 0; i < 100 && refused.status === 202; i++) {
    refused = await client.request("PATCH", other, { body: Buffer.from("x") });
  }
  expectError(refused, 503, "TOOMANYREQUESTS");
  assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  const single = `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`;
  expectError(await client.request("POST", single, { body: bytes }), 503, "TOOMANYREQUESTS");

  expectStatus(await client.get("/v2/app/manifests/latest"), 200);
  expectStatus(await client.get(`/v2/app/blobs/${image.blobs[1]?.digest ?? ""}`), 200);
  expectStatus(await client.get(other), 204);

  request.end(bytes.subarray(5_000));
  expectStatus(await receive("PATCH", busy, await response), 202);
  expectStatus(await client.request("PUT", `${busy}?digest=${digestOf(bytes)}`), 201);
  await client.pushBlob(freshBytes(), { repo: "app" });
});

test("an upload whose client vanished gives its place back", async () => {
  await using berth = await startBerth({ limits: { concurrent_uploads: 1 } });
  const client = registryClient(berth.url);
  const bytes = freshBytes();
  const path = `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`;
  const post = async (until: number) => {
    let answer = await client.request("POST", path, { body: bytes });
    for (let i = 0; i < 500 && answer.status !== until; i++) {
      await delay(10);
      answer = await client.request("POST", path, { body: bytes });
    }
    expectStatus(answer, until);
  };
  for (let i = 0; i < 3; i++) {
    const session = await client.startUpload("app");
    const { request } = client.begin("PATCH", session, { headers: { "content-length": 1_000 } });
    request.on("error", () => undefined);
    request.write("some bytes");
    await post(503);
    request.destroy();
    await post(201);
  }
});
