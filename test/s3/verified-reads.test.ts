import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, registryClient, type RegistryClient } from "../harness/registry-client.ts";
import { bucketContent } from "./bucket-content.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";
import { s3Section } from "./s3-section.ts";

describe("storage.verify_reads with blobs in a bucket", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  for (const size of [1000, 12_000_000])
    test(`flipped bytes of a blob of ${size} bytes are found while it is read, though redirects are on`, async () => {
      const bucket = await rgw.bucket();
      const section = s3Section(rgw, bucket, { enabled: true });
      await using berth = await startBerth({ storage: { verify_reads: true } }, section);
      const client = registryClient(berth.url);
      const bytes = freshBytes(size);
      const path = `/v2/app/blobs/${await client.pushBlob(bytes, { repo: "app" })}`;
      // By Berth itself, whole and in parts: what the bucket sends can't be hashed.
      for (const [headers, status, wanted] of [
        [{}, 200, bytes],
        [{ range: "bytes=10-19" }, 206, bytes.subarray(10, 20)],
      ] as const) {
        const answer = await client.get(path, headers);
        expectStatus(answer, status);
        assert.ok(answer.body.equals(wanted));
      }

      const flipped = Buffer.from(bytes);
      flipped[size >> 1] = (flipped[size >> 1] ?? 0) ^ 1;
      const [Key] = (await bucketContent(rgw.client, bucket)).blobs;
      await rgw.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: flipped }));
      await neverWhole(client, path);
      expectStatus(await client.get(path), 404);

      await client.pushBlob(bytes, { repo: "app" });
      assert.ok((await client.get(path)).body.equals(bytes), "healed by pushing the same bytes again");
    });
});

/** The answer breaks off, or is none of the blob. */
async function neverWhole(client: RegistryClient, path: string): Promise<void> {
  const answer = await client.get(path).catch(() => undefined);
  if (answer !== undefined) assert.notEqual(answer.status, 200);
}
