import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:http2";
import { once } from "node:events";
import { test } from "node:test";
import { expectStatus, freshBytes, oci, withQuery } from "../harness/registry-client.ts";
import { startBehindNginx, withNginx } from "./behind-nginx.ts";

const MiB = 1024 * 1024;

test("an image goes in and out through nginx", withNginx, async () => {
  await using all = await startBehindNginx();
  const image = oci.image({ layers: [freshBytes(3 * MiB), freshBytes(100), Buffer.alloc(0)] });
  await all.client.push("team/app", image, "latest");
  const manifest = await all.client.get("/v2/team/app/manifests/latest");
  expectStatus(manifest, 200);
  assert.ok(manifest.body.equals(image.bytes));
  for (const { digest, bytes } of image.blobs) {
    const blob = await all.client.get(`/v2/team/app/blobs/${digest}`);
    expectStatus(blob, 200);
    assert.ok(blob.body.equals(bytes));
  }
});

test("Location headers have the scheme, host and port that the client used", withNginx, async () => {
  await using all = await startBehindNginx();
  const { client, nginx } = all;
  const bytes = freshBytes(100);
  const begun = await client.request("POST", "/v2/team/app/blobs/uploads/");
  expectStatus(begun, 202);
  assert.match(begun.headers.get("location") ?? "", new RegExp(`^${nginx.url}/v2/team/app/blobs/uploads/`));
  const done = await client.request("POST", `/v2/team/app/blobs/uploads/?digest=${oci.image().digest}`, {
    body: bytes,
  });
  expectStatus(done, 400);
  const digest = await client.pushBlob(bytes, { repo: "team/app" });
  const again = await client.request("POST", `/v2/other/blobs/uploads/?mount=${digest}&from=team/app`);
  expectStatus(again, 201);
  assert.equal(again.headers.get("location"), `${nginx.url}/v2/other/blobs/${digest}`);
});

test("300 MiB in one chunked PATCH, and back, without a temporary file of nginx", withNginx, async () => {
  await using all = await startBehindNginx();
  const { client, nginx } = all;
  nginx.forbidTemporaryFiles();
  const part = freshBytes(MiB);
  const parts = 300;
  const hash = createHash("sha256");
  for (let i = 0; i < parts; i++) hash.update(part);
  const digest = `sha256:${hash.digest("hex")}`;
  async function* body() {
    for (let i = 0; i < parts; i++) yield part;
  }
  const session = await client.startUpload("team/app");
  const patched = await client.request("PATCH", session, {
    body: body(),
    headers: { "content-type": "application/octet-stream" },
    timeout: 120_000,
  });
  expectStatus(patched, 202);
  assert.equal(patched.headers.get("range"), `0-${parts * MiB - 1}`);
  const path = withQuery(client.pathOf(patched), `digest=${digest}`);
  expectStatus(await client.request("PUT", path, { timeout: 120_000 }), 201);
  const back = createHash("sha256");
  const { request, response } = client.begin("GET", `/v2/team/app/blobs/${digest}`, { timeout: 120_000 });
  request.end();
  const answer = await response;
  assert.equal(answer.statusCode, 200);
  for await (const chunk of answer) back.update(chunk as Buffer);
  assert.equal(`sha256:${back.digest("hex")}`, digest);
  assert.doesNotMatch(nginx.errors(), /\[(error|crit|alert|emerg)\]/);
});

test("an upload reaches Berth while it is still being sent", withNginx, async () => {
  await using all = await startBehindNginx();
  const { client, direct } = all;
  const session = await client.startUpload("team/app");
  const sent = freshBytes(2 * MiB);
  const { request, response } = client.begin("PATCH", session, {
    headers: { "transfer-encoding": "chunked", "content-type": "application/octet-stream" },
  });
  request.write(sent);
  request.flushHeaders();
  // Broken off without an end: what came is there, because nginx didn't wait for the rest.
  await new Promise((resolve) => setTimeout(resolve, 300));
  request.destroy();
  await response.catch(() => undefined);
  for (let i = 0; ; i++) {
    const status = await direct.get(session);
    if (status.headers.get("range") === `0-${sent.length - 1}`) break;
    assert.ok(i < 200, `nothing arrived: ${status.status} ${status.headers.get("range")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test("HTTP/2 works, and gives a blob's headers and bytes", withNginx, async () => {
  await using all = await startBehindNginx();
  const bytes = freshBytes(200_000);
  const digest = await all.client.pushBlob(bytes, { repo: "team/app" });
  const session = connect(all.nginx.url, { ca: all.ca });
  try {
    const stream = session.request({ ":path": `/v2/team/app/blobs/${digest}` });
    const [headers] = (await once(stream, "response")) as [Record<string, string | number>];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    assert.equal(headers[":status"], 200);
    assert.equal(headers["docker-content-digest"], digest);
    assert.ok(Buffer.concat(chunks).equals(bytes));
    const upload = session.request({ ":path": "/v2/team/app/blobs/uploads/", ":method": "POST" });
    upload.end();
    const [begun] = (await once(upload, "response")) as [Record<string, string | number>];
    assert.match(String(begun.location), new RegExp(`^${all.nginx.url}/v2/`));
    upload.resume();
  } finally {
    session.destroy();
  }
});

test("a blob is sent by nginx, not by Berth", withNginx, async () => {
  await using all = await startBehindNginx();
  const digest = await all.client.pushBlob(freshBytes(5 * MiB), { repo: "team/app" });
  const before = await sent(all.direct);
  expectStatus(await all.client.get(`/v2/team/app/blobs/${digest}`), 200);
  assert.ok((await sent(all.direct)) - before < MiB, "Berth itself sent the blob");
});

async function sent(client: { get(path: string): Promise<{ body: Buffer }> }): Promise<number> {
  const { body } = await client.get("/metrics");
  return Number(/^berth_http_sent_bytes_total (\S+)$/m.exec(body.toString())?.[1]);
}
