import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, describe, test } from "node:test";
import { ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { stringify } from "yaml";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { blobFile } from "../distribution/blob-files.ts";
import { startRgw, withRgw, type Rgw } from "../s3/rgw.ts";
import { s3Storage } from "../s3/s3-section.ts";
import { backUp, openPlaces, restore, runJson, verify } from "./places.ts";

const MiB = 1024 * 1024;

describe("backups and S3", withRgw, () => {
  let started: Promise<Rgw> | undefined;
  const rgw = () => (started ??= startRgw());
  after(async () => (await started)?.[Symbol.asyncDispose]());

  const flags = (s3: Rgw) => [
    ...["--endpoint", s3.endpoint, "--access-key-id-file", s3.idFile],
    ...["--secret-access-key-file", s3.secretFile],
  ];

  async function keys(s3: Rgw, Bucket: string): Promise<string[]> {
    const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key = "" }) => Key);
  }

  test("a wrong key is named with the flags that it came by", async () => {
    const s3 = await rgw();
    await using places = await openPlaces();
    await using server = await startBerth();
    const bucket = await s3.bucket();
    const backup = async (...access: string[]) => {
      const argv = ["backup", `s3://${bucket}/one.db`, "--data", server.data, "--endpoint", s3.endpoint];
      const { code, stderr } = await berth([...argv, ...access]);
      assert.equal(code, 1);
      return stderr;
    };
    await writeFile(places.path("wrong"), "wrong");
    const ids = ["--access-key-id-file", s3.idFile, "--secret-access-key-file"];
    assert.match(
      await backup(...ids, places.path("wrong")),
      /secret doesn't belong to the access key id: check --secret-access-key-file/,
    );
    assert.match(
      await backup(...ids, places.path("none")),
      /^berth: --secret-access-key-file: .*none can't be read/,
    );
  });

  test("a registry on disk is backed up to a bucket, and restored to one in a bucket", async () => {
    const s3 = await rgw();
    await using places = await openPlaces();
    const bucket = await s3.bucket();
    const content = oci.image({ layers: [freshBytes(20 * MiB + 7), freshBytes(1000), new Uint8Array()] });
    const snapshot = `s3://${bucket}/nightly/one.db`;
    const blobs = ["--blobs", `s3://${bucket}/nightly/blobs`];
    {
      await using server = await startBerth();
      await registryClient(server.url).push("team/app", content, "v1");
      const report = await backUp(server.data, snapshot, ...blobs, ...flags(s3));
      assert.equal(report.blobs?.copied, 4);
      const again = await berth(["backup", snapshot, "--data", server.data, ...flags(s3)]);
      assert.match(again.stderr, /one\.db is there: name another one/);
      const second = await backUp(server.data, snapshot, "--force", ...blobs, ...flags(s3));
      assert.deepEqual([second.blobs?.copied, second.blobs?.kept], [0, 4]);
    }
    const there = await keys(s3, bucket);
    assert.ok(there.includes("nightly/one.db"));
    assert.equal(there.length, 5);

    const file = places.path("berth.yaml");
    const store = s3Storage(s3, bucket);
    await writeFile(file, stringify({ storage: store }));
    const data = places.path("data");
    // The bucket is that of storage.s3: no flags.
    const { blobs: brought } = await restore(data, snapshot, ...blobs, "--config", file);
    assert.deepEqual([brought.present, brought.brought, brought.missing], [0, 4, []]);
    const { code, report } = await verify(data, "--config", file);
    assert.deepEqual([code, report.blobs], [0, 4]);
    await using server = await spawnBerth({ data, config: { storage: store } });
    expectStatus(await registryClient(server.url).get("/v2/team/app/manifests/v1"), 200);

    // And from a store in a bucket into a folder, next to the server.
    const local = ["--blobs", places.path("blobs")];
    const copied = await backUp(data, places.path("two.db"), ...local, "--config", file);
    assert.deepEqual([copied.blobs?.copied, copied.blobs?.linked], [4, 0]);
    const disk = places.path("disk");
    await restore(disk, places.path("two.db"), ...local);
    assert.equal((await verify(disk)).code, 0);
    for (const key of ["registry/blobs", "registry"]) {
      const refused = await berth([
        ...["backup", places.path("x"), "--blobs", `s3://${bucket}/${key}`],
        ...["--config", file, "--data", data],
      ]);
      assert.match(refused.stderr, /where the registry itself keeps its blobs/);
    }
  });

  test("a blob that is damaged in the registry is named, and nothing of it is in the bucket", async () => {
    const s3 = await rgw();
    const bucket = await s3.bucket();
    await using server = await startBerth();
    const content = oci.image({ layers: [freshBytes(20 * MiB)] });
    await registryClient(server.url).push("a", content, "v1");
    const layer = content.blobs[1]?.digest ?? "";
    const path = await blobFile(server.data, layer);
    const bytes = await readFile(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(path, bytes);
    const { code, stderr } = await runJson([
      ...["backup", `s3://${bucket}/one.db`, "--blobs", `s3://${bucket}/blobs`],
      ...["--data", server.data, ...flags(s3)],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${layer} has other bytes.*\\n.*1 blob is damaged in the registry`));
    const there = await keys(s3, bucket);
    assert.equal(there.length, 2, there.join());
    const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    assert.deepEqual(Uploads, []);
  });

  test("what the bucket refuses is told in its words; what isn't a snapshot is refused", async () => {
    const s3 = await rgw();
    await using places = await openPlaces();
    await using server = await startBerth();
    const fails = async (words: RegExp, ...argv: string[]) => {
      const { code, stderr } = await berth(argv);
      assert.equal(code, 1);
      assert.match(stderr, words);
    };
    await registryClient(server.url).push("a", oci.image(), "v1");
    const none = ["backup", "s3://no-such-bucket/x.db", "--data", server.data, ...flags(s3)];
    await fails(/bucket no-such-bucket: there is no such bucket at http/, ...none, "--force");
    const wrong = places.path("wrong");
    await writeFile(wrong, "wrong");
    const bucket = await s3.bucket();
    await fails(
      /the secret doesn't belong to the access key id: check --secret-access-key-file/,
      ...["backup", `s3://${bucket}/x.db`, "--data", server.data, "--force", "--endpoint", s3.endpoint],
      ...["--access-key-id-file", s3.idFile, "--secret-access-key-file", wrong],
    );
    const data = places.path("data");
    await fails(/there is no s3:/, "restore", `s3://${bucket}/x.db`, "--data", data, ...flags(s3));
    await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: "x.db", Body: "text" }));
    await fails(
      /isn't a snapshot of Berth's/,
      "restore",
      `s3://${bucket}/x.db`,
      "--data",
      data,
      ...flags(s3),
    );
  });
});
