import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { DeleteObjectTaggingCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3StoreParts } from "#adapters/s3/s3-store.ts";
import { digestOf } from "#oci/digest.ts";
import { storeIn } from "../adapters/s3/s3-bucket.ts";
import { bodyOf } from "../contract/blob-store-checks.ts";
import { freshBytes } from "../harness/registry-content.ts";
import { counts, day, hour, minute, openRoom, team } from "../maintenance/gc-room.ts";
import { bucketContent } from "./bucket-content.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

describe("garbage in a bucket", withRgw, () => {
  let rgw: Rgw;
  let proxy: FaultProxy;
  before(async () => {
    rgw = await startRgw();
    proxy = await startFaultProxy(rgw.endpoint);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
  });

  async function open(t: TestContext, more: Partial<S3StoreParts> = {}) {
    proxy.plan(() => undefined);
    proxy.pages(0);
    const { store, bucket } = await storeIn(rgw, { endpoint: proxy.url, ...more });
    const room = await openRoom(t, () => ({}), { store });
    const stray = async () => {
      const bytes = freshBytes(40);
      return await store.put(digestOf("sha256", bytes), bytes);
    };
    return { room, store, stray, content: () => bucketContent(rgw.client, bucket), bucket };
  }

  for (const marker of ["tag", "object"] as const)
    test(`unused blobs and strays go, what is named stays; digests told by ${marker}, lists in small pages`, async (t) => {
      const { room, stray, content } = await open(t, { marker });
      proxy.pages(2);
      const image = room.image();
      await room.put(team, image, "v1");
      await room.blob(team);
      for (let i = 0; i < 5; i++) await stray();
      proxy.plan(() => undefined);
      await room.run();
      // What is known costs no request of its own.
      const asked = proxy.seen.filter((line) => line.includes("?tagging"));
      assert.equal(asked.length, marker === "tag" ? 5 : 0);
      const report = await room.later(day + 1);
      assert.deepEqual(counts(report), { unused: 1, stray: 5 });
      assert.equal((await room.later(minute + 1)).freed.blobs, 6);
      const { keys, blobs } = await content();
      assert.equal(blobs.length, image.blobs.length);
      assert.equal(keys.length, marker === "tag" ? blobs.length : 2 * blobs.length);
    });

  test("an object whose commit broke off before its digest was told goes, too, when it is old", async (t) => {
    const { room, store, stray, content, bucket } = await open(t);
    const location = await stray();
    const [key = ""] = (await content()).blobs;
    await rgw.client.send(new DeleteObjectTaggingCommand({ Bucket: bucket, Key: key }));
    // It may be one that is just being committed.
    await room.run();
    assert.deepEqual(await room.garbage.strays(9, undefined), []);
    const image = room.image();
    await room.put(team, image, "v1");
    const { store: later } = await storeIn(rgw, { bucket, untoldFor: -hour });
    Object.assign(store, { list: later.list });
    await room.run();
    assert.deepEqual(
      (await room.garbage.strays(9, undefined)).map((one) => one.location),
      [location],
    );
    await room.later(day + 1);
    await room.later(minute + 1);
    const { keys } = await content();
    assert.ok(!keys.includes(key));
    assert.equal(keys.length, image.blobs.length);
  });

  test("objects that aren't blobs of this store are left alone", async (t) => {
    const { room, content, bucket } = await open(t, { prefix: "" });
    const keys = [
      "blobs/ab/notes.txt",
      "blobs/readme",
      "metadata-20260101.db",
      "digests/sha256/x/y",
      "blobsy/ab/c",
    ];
    for (const Key of keys) await rgw.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
    await room.run();
    await room.later(day + hour);
    await room.later(day + hour);
    assert.deepEqual((await content()).keys, [...keys].sort());
  });

  test("a list that is cut without a word where it goes on is told of, loops for ever never, and holds up nothing that was seen before", async (t) => {
    const { room, stray, content } = await open(t);
    await stray();
    await room.run();
    room.now += day + 1;
    const loose = await room.blob(team);
    proxy.plan((_number, line) => (line.includes("list-type=2") ? "cut-list" : undefined));
    const report = await room.run();
    assert.match(
      String(report.fault),
      /the list is cut, and doesn't say where it goes on|could not be listed/,
    );
    proxy.plan(() => undefined);
    assert.ok(await room.repositories.blob(team, loose));
    assert.equal((await content()).blobs.length, 2);
    assert.deepEqual(counts(report), { stray: 1 });
    assert.deepEqual(counts(await room.run()), {});
  });

  test("multipart uploads that nobody went on with go", async (t) => {
    const { room, store, content } = await open(t);
    const handle = store.begin();
    await store.append(handle, 0, bodyOf([freshBytes(6 * 1024 * 1024)]));
    assert.equal((await content()).multiparts.length, 1);
    assert.deepEqual(counts(await room.run()), {});
    const report = await room.later(day + hour);
    assert.deepEqual(counts(report), { unfinished: 1 });
    assert.deepEqual(await content(), { keys: [], blobs: [], multiparts: [] });
  });
});
