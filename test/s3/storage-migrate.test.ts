import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { filesBelow } from "../adapters/disk/store-folder.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { needsPostgres, startPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes, registryClient } from "../harness/registry-client.ts";
import { bucketContent } from "./bucket-content.ts";
import {
  configFile,
  hex,
  MiB,
  migrate,
  migrateProcess,
  pullAll,
  pulling,
  pushSome,
  repo,
  storing,
} from "./moving.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

describe("blobs move between disk and S3", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  test("to S3 and back while the registry serves: every blob is readable at every moment", async () => {
    using folder = tempFolder();
    const bucket = await rgw.bucket();
    const data = folder.file("data");
    const digests: string[] = [];
    {
      await using server = await spawnBerth({ data });
      digests.push(...(await pushSome(server.url)));
    }
    const ways = [
      { from: "disk", to: "s3", redirect: { enabled: true } },
      { from: "s3", to: "disk", redirect: { enabled: false } },
    ] as const;
    for (const { from, to, redirect } of ways) {
      const config = storing(rgw, bucket, [to, from], redirect);
      await using server = await spawnBerth({ data, config: { ...config, workers: 2 } });
      const reader = pulling(server.url, repo, digests);
      const file = configFile(folder.file("berth.yaml"), config);
      const moving = migrate(
        from,
        to,
        "--config",
        file,
        "--data",
        data,
        "--delete-source",
        "--grace",
        "500ms",
      );
      const before = new Set(digests).size;
      for (let i = 0; i < 5; i++) digests.push(...(await pushSome(server.url, 2)));
      const moved = await moving;
      assert.equal(moved.code, 0, moved.stderr);
      assert.deepEqual(moved.damaged, []);
      assert.equal(moved.notRemoved, 0);
      assert.match(moved.stderr, /removed when readers had their time, the last at \d{4}-.*Z/);
      assert.ok((moved.blobs ?? 0) >= before, JSON.stringify(moved));
      assert.ok((await reader.stop()) > 0);
      await pullAll(server.url, repo, digests);
      const { blobs, multiparts } = await bucketContent(rgw.client, bucket);
      const files = await filesBelow(join(data, "storage", "blobs"));
      const distinct = new Set(digests).size;
      assert.deepEqual(multiparts, []);
      assert.deepEqual([blobs.length, files.length], to === "s3" ? [distinct, 0] : [0, distinct]);
    }
    // What serves from the new place alone has everything.
    await using server = await spawnBerth({ data });
    await pullAll(server.url, repo, digests);
  });

  test("a run that is killed loses nothing, and the next one goes on where it was", async () => {
    using folder = tempFolder();
    const bucket = await rgw.bucket();
    const config = storing(rgw, bucket, ["s3", "disk"]);
    const data = folder.file("data");
    const digests: string[] = [];
    {
      await using server = await spawnBerth({ data });
      const client = registryClient(server.url);
      for (let i = 0; i < 30; i++) digests.push(await client.pushBlob(freshBytes(2 * MiB), { repo }));
    }
    await using server = await spawnBerth({ data, config });
    const file = configFile(folder.file("berth.yaml"), config);
    const args = ["--from", "disk", "--to", "s3", "--config", file, "--data", data];
    const first = migrateProcess([...args, "--parallel", "2"]);
    let copied = 0;
    for (let tries = 0; tries < 600 && copied < 5; tries++) {
      copied = (await bucketContent(rgw.client, bucket)).blobs.length;
      await pause(20);
    }
    first.kill("SIGKILL");
    assert.equal(await first.ended, null);
    assert.ok(copied >= 5, first.output());
    await pullAll(server.url, repo, digests);
    const second = await migrate("disk", "s3", "--config", file, "--data", data);
    assert.equal(second.code, 0, second.stderr);
    assert.equal((second.blobs ?? 0) + (second.skipped ?? 0), digests.length);
    assert.ok((second.skipped ?? 0) > 0, "what was moved before isn't moved again");
    await pullAll(server.url, repo, digests);
    // Copies that were made and not told of: as many as were under way at most.
    const { blobs } = await bucketContent(rgw.client, bucket);
    assert.ok(blobs.length - digests.length <= 2, `${blobs.length}`);
    rmSync(join(data, "storage", "blobs"), { recursive: true });
    await pullAll(server.url, repo, digests);
  });

  test("Ctrl-C ends it cleanly", async () => {
    using folder = tempFolder();
    const bucket = await rgw.bucket();
    const config = storing(rgw, bucket, ["s3", "disk"]);
    await using server = await spawnBerth({
      data: folder.file("data"),
      config: storing(rgw, bucket, ["disk"]),
    });
    const client = registryClient(server.url);
    const digests: string[] = [];
    for (let i = 0; i < 20; i++) digests.push(await client.pushBlob(freshBytes(6 * MiB), { repo }));
    await server.kill("SIGTERM");
    const file = configFile(folder.file("berth.yaml"), config);
    const args = ["--from", "disk", "--to", "s3", "--config", file, "--data", folder.file("data")];
    const run = migrateProcess([...args, "--parallel", "1"]);
    for (let tries = 0; tries < 600; tries++) {
      if ((await bucketContent(rgw.client, bucket)).blobs.length > 1) break;
      await pause(20);
    }
    run.kill("SIGINT");
    assert.equal(await run.ended, 1);
    assert.match(run.output(), /moved from disk to s3; .*\nstopped before the end: run it again to go on\n$/);
    const { blobs, multiparts } = await bucketContent(rgw.client, bucket);
    assert.deepEqual(multiparts, []);
    const again = await migrate("disk", "s3", "--config", file, "--data", folder.file("data"));
    assert.deepEqual([again.code, again.skipped], [0, blobs.length]);
  });

  test("damaged blobs are named and left, and a push heals what is gone", async () => {
    using folder = tempFolder();
    const bucket = await rgw.bucket();
    const data = folder.file("data");
    const config = storing(rgw, bucket, ["s3", "disk"]);
    const bytes = freshBytes(10_000);
    let digests: string[];
    {
      await using server = await spawnBerth({ data });
      digests = await pushSome(server.url, 4);
      await registryClient(server.url).pushBlob(bytes, { repo });
    }
    const blobs = join(data, "storage", "blobs");
    const [gone] = (await filesBelow(blobs)).filter((name) => name.includes(hex(bytes)));
    assert.ok(gone !== undefined);
    rmSync(join(blobs, gone));
    await using server = await spawnBerth({ data, config });
    const file = configFile(folder.file("berth.yaml"), config);
    const moved = await migrate("disk", "s3", "--config", file, "--data", data);
    assert.deepEqual([moved.code, moved.blobs], [1, 4]);
    assert.deepEqual(
      moved.damaged?.map(({ digest }) => digest),
      [`sha256:${hex(bytes)}`],
    );
    assert.match(moved.stderr, /^berth: sha256:\w+ stays in disk: it can't be read: .* is missing/m);
    await registryClient(server.url).pushBlob(bytes, { repo });
    await pullAll(server.url, repo, [...digests, `sha256:${hex(bytes)}`]);
    const again = await migrate("disk", "s3", "--config", file, "--data", data);
    assert.deepEqual([again.code, again.blobs, again.skipped], [0, 0, 5]);
  });

  test("with metadata in PostgreSQL, next to a server", needsPostgres(), async () => {
    using folder = tempFolder();
    await using postgres = await startPostgres();
    const { url } = await postgres.database();
    const bucket = await rgw.bucket();
    const data = folder.file("data");
    const metadata = { metadata: { url } };
    let digests: string[];
    {
      await using server = await spawnBerth({ data, config: metadata });
      digests = await pushSome(server.url);
    }
    const config = { ...storing(rgw, bucket, ["s3", "disk"]), ...metadata };
    await using server = await spawnBerth({ data, config });
    const other = configFile(folder.file("other.yaml"), {
      ...config,
      ...storing(rgw, `${bucket}-2`, ["s3", "disk"]),
    });
    const differs = await migrate("disk", "s3", "--config", other, "--data", data);
    assert.equal(differs.code, 1);
    assert.match(differs.stderr, /runs with another storage section than this configuration/);
    const file = configFile(folder.file("berth.yaml"), config);
    const reader = pulling(server.url, repo, digests);
    const moved = await migrate("disk", "s3", "--config", file, "--data", data);
    assert.deepEqual([moved.code, moved.blobs, moved.damaged], [0, digests.length, []], moved.stderr);
    await reader.stop();
    await pullAll(server.url, repo, digests);
    assert.equal((await bucketContent(rgw.client, bucket)).blobs.length, digests.length);
  });
});
