import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes, registryClient } from "../harness/registry-client.ts";
import { configFile, hex, MiB, migrate, type Place, pullAll, repo, storing } from "./moving.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

describe("an upload that began at the old place", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  for (const [from, to] of [
    ["disk", "s3"],
    ["s3", "disk"],
  ] as [Place, Place][])
    test(`from ${from} to ${to}: a move isn't over before it, and another run moves its blob`, async () => {
      using folder = tempFolder();
      const bucket = await rgw.bucket();
      const data = folder.file("data");
      const bytes = freshBytes(2 * MiB);
      const digest = `sha256:${hex(bytes)}`;
      let session: string;
      {
        await using server = await spawnBerth({ data, config: storing(rgw, bucket, [from, to]) });
        const client = registryClient(server.url);
        const first = await client.request("PATCH", await client.startUpload(repo), {
          body: bytes.subarray(0, MiB),
          headers: { "content-range": `0-${MiB - 1}` },
        });
        session = client.pathOf(first);
      }
      const config = storing(rgw, bucket, [to, from]);
      const args = ["--config", configFile(folder.file("berth.yaml"), config), "--data", data] as const;
      {
        await using server = await spawnBerth({ data, config });
        const client = registryClient(server.url);
        const early = await migrate(from, to, ...args);
        assert.deepEqual([early.code, early.unfinished, early.left], [1, 1, 0]);
        const path = `${session}${session.includes("?") ? "&" : "?"}digest=${digest}`;
        assert.equal((await client.request("PUT", path, { body: bytes.subarray(MiB) })).status, 201);
        const late = await migrate(from, to, ...args);
        assert.deepEqual([late.code, late.blobs, late.unfinished, late.left], [0, 1, 0, 0]);
      }
      await using server = await spawnBerth({ data, config: storing(rgw, bucket, [to]) });
      await pullAll(server.url, repo, [digest]);
    });
});
