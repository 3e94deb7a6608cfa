import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const s3 = (more: string) => `storage: { s3: { ${more} } }`;
const read = (more: string) => load({ file: s3(`bucket: registry, ${more}`) }).config.storage.s3;
const faults = (more: string) => faultsOf({ file: s3(more) }).join("\n");

test("without the section blobs lie on the disk; with it only the bucket is needed", () => {
  assert.equal(load().config.storage.s3, undefined);
  assert.equal(read("")?.bucket, "registry");
  assert.equal(load({ environment: { BERTH_STORAGE_S3_BUCKET: "r-1" } }).config.storage.s3?.bucket, "r-1");
  assert.match(faults("region: eu-central-1"), /^storage\.s3\.bucket.*is missing/);
});

test("the bucket is in the path where there is an endpoint, unless said otherwise", () => {
  assert.equal(read("")?.force_path_style, false);
  assert.equal(read("endpoint: 'http://127.0.0.1:1'")?.force_path_style, true);
  assert.equal(read("endpoint: 'http://127.0.0.1:1', force_path_style: false")?.force_path_style, false);
});

test("a prefix ends with a slash and never begins with one", () => {
  assert.equal(read("prefix: berth")?.prefix, "berth/");
  assert.equal(read("prefix: a/b/")?.prefix, "a/b/");
  assert.equal(read("prefix: ''")?.prefix, "");
  for (const prefix of ["/a", "a//b", "../a", "a b", "ä"])
    assert.match(
      faults(`bucket: registry, prefix: '${prefix}'`),
      /^storage\.s3\.prefix.*write such as berth\//,
    );
});

test("part sizes grow from a size, or are fixed", () => {
  const MiB = 1024 * 1024;
  assert.deepEqual(read("")?.part_size, { first: 8 * MiB, fixed: false });
  assert.deepEqual(read("part_size: 16MiB")?.part_size, { first: 16 * MiB, fixed: false });
  assert.deepEqual(read("part_size: fixed")?.part_size, { first: 64 * MiB, fixed: true });
  assert.deepEqual(read("part_size: fixed 10MiB")?.part_size, { first: 10 * MiB, fixed: true });
  assert.match(faults("bucket: registry, part_size: 4MiB"), /must be between 5MiB and 1GiB/);
  assert.match(faults("bucket: registry, part_size: fixedly"), /is not a size/);
});

test("the configuration in force reads back as a file", () => {
  const first = load({
    file: s3("bucket: registry, part_size: fixed 10MiB, redirect: { stream_to: 10.0.0.0/8 }"),
  });
  const again = load({ file: showConfig(first.config, first.origins) });
  assert.deepEqual(again.config, first.config);
});

test("key files come in pairs, and a KMS key belongs to KMS", () => {
  assert.match(faults("bucket: registry, access_key_id_file: /a"), /secret_access_key_file: is missing/);
  assert.match(faults("bucket: registry, secret_access_key_file: /a"), /access_key_id_file: is missing/);
  assert.match(faults("bucket: registry, sse_kms_key_id: k"), /needs storage\.s3\.sse: kms/);
});

test("what hands blobs over to nginx is of no use with a bucket", () => {
  const file =
    "trusted_proxies: 127.0.0.1\nstorage: { disk: { x_accel_redirect: /b/ }, s3: { bucket: registry } }";
  assert.match(
    faultsOf({ file }).join("\n"),
    /^storage\.disk\.x_accel_redirect .*: is of no use with storage\.s3: .*storage\.s3\.redirect/,
  );
});

test("a bucket is a name, not an address", () => {
  assert.match(faults("bucket: 's3://registry'"), /write only its name/);
});

test("an address without a scheme is told how S3's looks", () => {
  for (const endpoint of ["minio:9000", "s3.example.org", "127.0.0.1:9000"])
    assert.match(
      faults(`bucket: registry, endpoint: '${endpoint}'`),
      /^storage\.s3\.endpoint.*https:\/\/s3\./,
    );
});
