import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { createBucket } from "#adapters/s3/bucket.ts";
import { createCopiesBucket } from "#adapters/s3/copies-bucket.ts";
import { createS3Client } from "#adapters/s3/s3-client.ts";
import { createWholeObjects } from "#adapters/s3/whole-object.ts";
import { AppError } from "#core/errors.ts";
import { digestOf } from "#oci/digest.ts";
import { bodyOf, split } from "../../contract/blob-store-checks.ts";
import { bucketContent } from "../../s3/bucket-content.ts";
import { startFaultProxy, type FaultProxy } from "../../s3/fault-proxy.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { partsFor } from "./s3-bucket.ts";

const MiB = 1024 * 1024;

describe("objects of backups", withRgw, () => {
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

  async function open() {
    const name = await rgw.bucket();
    const parts = { ...partsFor(rgw, name), endpoint: proxy.url };
    const bucket = createBucket({
      client: await createS3Client(parts),
      bucket: name,
      rules: parts,
      patience: { attempts: 3, pause: 5, longestPause: 20, deadline: 5_000, slowest: MiB },
    });
    proxy.plan(() => undefined);
    return { name, bucket, objects: createWholeObjects(bucket) };
  }

  const put = (objects: Awaited<ReturnType<typeof open>>["objects"], bytes: Uint8Array) =>
    objects.put("The snapshot could not be stored", "one.db", bodyOf(split(bytes, 300_000)));
  const completes = (line: string) => line.startsWith("POST ") && line.includes("uploadId=");
  const [older, newer] = [randomBytes(9 * MiB), randomBytes(9 * MiB)];

  async function stored({ objects }: Pick<Awaited<ReturnType<typeof open>>, "objects">): Promise<Buffer> {
    const found = await objects.get("The snapshot could not be read", "one.db");
    return Buffer.concat((await found?.toArray()) as Buffer[]);
  }

  test("an older one of the same size isn't taken for the new one", async () => {
    const { name, objects } = await open();
    await put(objects, older);
    proxy.plan((_, line) => (completes(line) ? "internal-error" : undefined));
    await assert.rejects(put(objects, newer), (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, "unavailable");
      assert.match(
        error.message,
        /^The snapshot could not be stored: .* one\.db, .* the older one\. Try again\.$/,
      );
      return true;
    });
    proxy.plan(() => undefined);
    assert.ok((await stored({ objects })).equals(older));
    assert.deepEqual((await bucketContent(rgw.client, name)).multiparts, []);
  });

  for (const first of ["in the place of an older one", "where there was none"])
    test(`one whose making nobody heard of is stored, ${first}`, async () => {
      const { objects } = await open();
      if (first !== "where there was none") await put(objects, older);
      let lost = false;
      // What was made can't be made again: each further try fails.
      proxy.plan((_, line) => {
        if (!completes(line)) return undefined;
        const fault = lost ? "internal-error" : "lost-answer";
        lost = true;
        return fault;
      });
      await put(objects, newer);
      assert.ok(lost);
      proxy.plan(() => undefined);
      assert.ok((await stored({ objects })).equals(newer));
    });

  test("copies are read without the right to list uploads; before the first is written, only theirs are listed", async () => {
    const { bucket, objects } = await open();
    const bytes = randomBytes(1000);
    const digest = digestOf("sha256", bytes);
    const copies = () => createCopiesBucket(bucket, objects, "nightly/blobs/");
    const listings = () => proxy.seen.filter((line) => line.startsWith("GET ") && /[?&]uploads\b/.test(line));
    const written = copies();
    for (let i = 0; i < 2; i++) await written.put(digest, bytes.length, bodyOf([bytes]));
    assert.deepEqual(
      listings().map((line) => new URL(line.slice(4), "http://x").searchParams.get("prefix")),
      ["nightly/blobs/sha256/", "nightly/blobs/sha512/"],
    );
    proxy.plan((_, line) => (line.startsWith("GET ") && /[?&]uploads\b/.test(line) ? "refused" : undefined));
    const read = copies();
    assert.equal(await read.size(digest), bytes.length);
    assert.equal((await read.open(digest)).size, bytes.length);
    assert.deepEqual(listings(), []);
    await assert.rejects(read.put(digest, bytes.length, bodyOf([bytes])), /The backup can't be looked up/);
  });
});
