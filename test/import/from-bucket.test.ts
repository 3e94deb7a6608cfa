import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { writeFileSync } from "node:fs";
import { berth } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { digestOf, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { startRgw, withRgw, type Rgw } from "../s3/rgw.ts";
import { s3Section } from "../s3/s3-section.ts";
import { releases, startDistribution, withRelease } from "./distribution.ts";
import { imported } from "./imported.ts";
import { assertAllThere, assertReferrers, pushAllKinds } from "./registry-of-all-kinds.ts";

describe("a registry of Distribution in a bucket", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());
  const flags = () => [
    ...["--endpoint", rgw.endpoint, "--access-key-id-file", rgw.idFile],
    ...["--secret-access-key-file", rgw.secretFile],
  ];

  for (const release of releases) {
    test(
      `written by ${release.version}, comes over to a folder and to another bucket`,
      withRelease(release),
      async () => {
        const name = await rgw.bucket();
        await using old = await startDistribution(release, { rgw, name, prefix: "old/one" });
        const pushed = await pushAllKinds(registryClient(old.url), { empty: release.version !== "2.8" });
        const section = s3Section(rgw, await rgw.bucket(), { enabled: false });
        using folder = tempFolder();
        const file = folder.file("berth.yaml");
        writeFileSync(file, section);
        await using onDisk = await startBerth();
        await using inBucket = await startBerth({}, section);
        for (const [registry, ...more] of [[onDisk], [inBucket, "--config", file]] as const) {
          const from = [`s3://${name}/old/one`, ...flags(), "--data", registry.data, ...more];
          const { code, report } = await imported(...from);
          assert.deepEqual([code, report.leftOut, report.lacking], [0, [], []]);
          assert.deepEqual([report.repositories, report.tags.set, report.manifests.stored], [5, 9, 12]);
          await assertAllThere(registryClient(registry.url), pushed);
          await assertReferrers(registryClient(registry.url), pushed);
          const again = await imported(...from);
          assert.deepEqual([again.code, again.report.bytes, again.report.blobs.copied], [0, 0, 0]);
        }
      },
    );
  }

  test("damaged objects and odd links are left out, by name", async () => {
    const name = await rgw.bucket();
    const put = (Key: string, Body: string | Uint8Array) =>
      rgw.client.send(
        new PutObjectCommand({
          Bucket: name,
          Key: `docker/registry/v2/${Key}`,
          Body,
          ContentLength: Body.length,
        }),
      );
    const image = oci.image({ layers: [freshBytes(300_000)] });
    const data = (digest: string) => `blobs/sha256/${digest.slice(7, 9)}/${digest.slice(7)}/data`;
    for (const { digest, bytes } of [...image.blobs, image]) {
      await put(data(digest), digest === image.blobs[1]?.digest ? freshBytes(300_000) : bytes);
      const room = digest === image.digest ? "_manifests/revisions" : "_layers";
      await put(`repositories/app/${room}/sha256/${digest.slice(7)}/link`, digest);
    }
    await put("repositories/app/_manifests/tags/good/current/link", image.digest);
    await put("repositories/app/_manifests/tags/empty/current/link", "");
    await put("repositories/app/_manifests/tags/long/current/link", freshBytes(5000));
    await put("repositories/app/_manifests/tags/away/current/link", digestOf(freshBytes()));
    await using registry = await startBerth();
    const { code, report } = await imported(`s3://${name}`, ...flags(), "--data", registry.data);
    assert.equal(code, 1);
    assert.deepEqual(
      report.leftOut.map(({ subject }) => subject).sort(),
      [image.blobs[1]?.digest, "empty", "long"].sort(),
    );
    assert.deepEqual(
      report.lacking.map(({ subject }) => subject),
      ["away"],
    );
    assert.equal(report.tags.set, 1);
  });

  test("a bucket or key that isn't right is said in words, with what to type", async () => {
    using folder = tempFolder();
    const at = (place: string, ...more: string[]) =>
      berth(["import", "distribution", place, "--data", folder.file("data"), ...more]);
    const empty = await at(`s3://${await rgw.bucket()}/x`, ...flags());
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /s3:\/\/test-\d+\/x holds no registry of CNCF Distribution/);
    const nowhere = await at("s3://no-such-bucket", ...flags());
    assert.match(nowhere.stderr, /there is no such bucket; make it, or correct the bucket's name/);
    writeFileSync(folder.file("wrong"), "wrong");
    const denied = await at(
      `s3://${await rgw.bucket()}`,
      ...["--endpoint", rgw.endpoint, "--access-key-id-file", rgw.idFile],
      ...["--secret-access-key-file", folder.file("wrong")],
    );
    assert.match(denied.stderr, /its secret is wrong/);
    const missing = await at(
      "s3://b",
      ...flags().slice(0, 4),
      "--secret-access-key-file",
      folder.file("none"),
    );
    assert.match(missing.stderr, /--secret-access-key-file: .*none can't be read/);
  });
});
