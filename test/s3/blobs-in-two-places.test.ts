import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { filesBelow } from "../adapters/disk/store-folder.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes, registryClient } from "../harness/registry-client.ts";
import { bucketContent } from "./bucket-content.ts";
import { configFile, hex, MiB, migrate, pullAll, pushSome, repo, storing } from "./moving.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

describe("servers with blobs in two places", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  test("servers must know both places first, whatever the command's configuration says", async () => {
    using folder = tempFolder();
    const bucket = await rgw.bucket();
    const data = folder.file("data");
    await using server = await spawnBerth({ data, config: storing(rgw, bucket, ["disk"]) });
    await pushSome(server.url, 3);
    const one = configFile(folder.file("one.yaml"), storing(rgw, bucket, ["disk"]));
    const both = configFile(folder.file("both.yaml"), storing(rgw, bucket, ["s3", "disk"]));
    const refused = await migrate("disk", "s3", "--config", one, "--data", data);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Write into the configuration\n {2}storage:\n {4}stores: \[s3, disk\]\n/);
    const differs = await migrate("disk", "s3", "--config", both, "--data", data);
    assert.equal(differs.code, 1);
    assert.match(differs.stderr, /the server on this data folder: runs with another storage section/);
    const dry = await migrate("disk", "s3", "--config", one, "--data", data, "--dry-run");
    assert.deepEqual([dry.code, dry.blobs, dry.bytes, dry.skipped], [0, 3, 5_001, 0]);
    assert.deepEqual((await bucketContent(rgw.client, bucket)).keys, []);
  });

  test("a server that doesn't know a blob's place says so, and doesn't take the blob for damaged", async () => {
    using folder = tempFolder();
    const bucket = await rgw.bucket();
    const data = folder.file("data");
    let digests: string[];
    {
      await using server = await spawnBerth({ data, config: storing(rgw, bucket, ["s3", "disk"]) });
      digests = await pushSome(server.url, 3);
    }
    const alone = await spawnBerth({ data });
    for (const digest of digests) {
      const answer = await registryClient(alone.url).get(`/v2/${repo}/blobs/${digest}`);
      assert.equal(answer.status, 500);
    }
    await alone.stop();
    assert.match(alone.logs(), /name s3 second in storage\.stores/);
    await using server = await spawnBerth({ data, config: storing(rgw, bucket, ["disk", "s3"]) });
    await pullAll(server.url, repo, digests);
  });

  test("an upload that began before the switch ends where it began", async () => {
    using folder = tempFolder();
    const bucket = await rgw.bucket();
    const data = folder.file("data");
    const bytes = freshBytes(3 * MiB);
    const digest = `sha256:${hex(bytes)}`;
    let session: string;
    {
      await using server = await spawnBerth({ data, config: storing(rgw, bucket, ["disk", "s3"]) });
      const client = registryClient(server.url);
      const first = await client.request("PATCH", await client.startUpload(repo), {
        body: bytes.subarray(0, MiB),
        headers: { "content-range": `0-${MiB - 1}` },
      });
      session = client.pathOf(first);
    }
    await using server = await spawnBerth({ data, config: storing(rgw, bucket, ["s3", "disk"]) });
    const client = registryClient(server.url);
    const range = { "content-range": `${MiB}-${2 * MiB - 1}` };
    const second = await client.request("PATCH", session, {
      body: bytes.subarray(MiB, 2 * MiB),
      headers: range,
    });
    assert.equal(second.status, 202);
    const path = `${client.pathOf(second)}${session.includes("?") ? "&" : "?"}digest=${digest}`;
    const last = await client.request("PUT", path, { body: bytes.subarray(2 * MiB) });
    assert.equal(last.status, 201);
    assert.equal((await filesBelow(join(data, "storage", "blobs"))).length, 1);
    await pullAll(server.url, repo, [digest]);
  });
});
