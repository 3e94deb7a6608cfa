import assert from "node:assert/strict";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { startBerth, type TestBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { ask, faultLines, flipByte, plant, scrub } from "./scrubbed.ts";

/** A server that pulls from another through the name docker.io, the file with its upstreams, and an image from there. */
async function pulledThrough(upstream: TestBerth) {
  const text = `upstreams: [{ name: docker.io, url: "${upstream.url}" }]\n`;
  const server = await startBerth({}, text);
  const file = join(server.data, "berth.yaml");
  await writeFile(file, text);
  const content = oci.image({ layers: [freshBytes(200_000)] });
  await registryClient(upstream.url).push("library/app", content, "v1");
  const client = registryClient(server.url);
  expectStatus(await client.request("GET", "/v2/docker.io/library/app/manifests/v1"), 200);
  for (const { digest } of content.blobs)
    expectStatus(await client.request("GET", `/v2/docker.io/library/app/blobs/${digest}`), 200);
  // The last bytes are served before the blob is recorded.
  const kept = () => ask<number>(server.data, "SELECT count(*) FROM repository_blobs");
  for (let i = 0; i < 500 && kept() < content.blobs.length; i++) await pause(20);
  return { server, client, content, config: ["--config", file], layer: content.blobs[1]?.digest ?? "" };
}

test("what came from an upstream is fetched again from there: blobs and manifests", async () => {
  await using upstream = await startBerth();
  const { server, client, content, config, layer } = await pulledThrough(upstream);
  await using _ = server;
  const [conf] = content.blobs;
  await flipByte(server.data, layer);
  await rm(await blobFile(server.data, conf?.digest ?? ""));
  plant(server.data, ["UPDATE manifest_bytes SET bytes = zeroblob(3)"]);
  const { code, report } = await scrub(server.data, ...config);
  assert.deepEqual([code, report.left, report.repaired], [0, 0, 3]);
  for (const line of faultLines(report))
    assert.match(line, /\[fetched again from docker\.io\] docker\.io\/library\/app:v1$/);
  for (const { digest, bytes } of content.blobs)
    assert.deepEqual((await client.request("GET", `/v2/docker.io/library/app/blobs/${digest}`)).body, bytes);
  const manifest = await client.request("GET", `/v2/docker.io/library/app/manifests/${content.digest}`);
  assert.deepEqual(manifest.body, content.bytes);
  assert.deepEqual((await scrub(server.data, ...config)).report.faults, []);
  assert.equal(ask(server.data, "SELECT count(*) FROM damage"), 0);
});

test("an upstream that lies or is away repairs nothing, and damage stays named", async () => {
  await using upstream = await startBerth();
  const { server, config, layer } = await pulledThrough(upstream);
  await using _ = server;
  await flipByte(server.data, layer);
  await flipByte(upstream.data, layer);
  const lied = await scrub(server.data, ...config);
  assert.deepEqual([lied.code, lied.report.left], [1, 1]);
  await upstream[Symbol.asyncDispose]();
  const away = await scrub(server.data, ...config);
  assert.deepEqual([away.code, away.report.left], [1, 1]);
  assert.equal(ask(server.data, "SELECT digest FROM damage"), layer);
});

test("other bytes of the same digest in the store take the place of damaged ones", async () => {
  await using server = await startBerth();
  const content = oci.image({ layers: [freshBytes(300_000)] });
  const layer = content.blobs[1]?.digest ?? "";
  await registryClient(server.url).push("app", content, "v1");
  const file = await blobFile(server.data, layer);
  const hex = layer.slice("sha256:".length);
  await copyFile(file, join(dirname(file), `${hex}.aaaaaaaaaaaa`));
  await rm(file);
  const { code, report } = await scrub(server.data);
  assert.equal(code, 0);
  assert.deepEqual(faultLines(report), [`blob ${layer} is missing [from a copy in the store] app:v1`]);
  const got = await registryClient(server.url).request("GET", `/v2/app/blobs/${layer}`);
  assert.deepEqual(got.body, content.blobs[1]?.bytes);
});

test("a manifest that another repository has, too, is taken from there", async () => {
  await using server = await startBerth();
  const content = oci.image();
  const client = registryClient(server.url);
  await client.push("one", content, "v1");
  await client.push("two", content, "v1");
  plant(server.data, [
    "UPDATE manifest_bytes SET bytes = zeroblob(5) WHERE manifest_id = (SELECT min(id) FROM manifests)",
  ]);
  const { code, report } = await scrub(server.data);
  assert.equal(code, 0);
  assert.match(
    faultLines(report).join(),
    /^manifest \S+ has other bytes: .* \[from what is stored here\] one:v1$/,
  );
  assert.deepEqual((await client.request("GET", "/v2/one/manifests/v1")).body, content.bytes);
});
