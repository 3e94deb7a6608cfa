import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const bucket = "s3: { bucket: registry }";
const storesOf = (storage: string) => load({ file: `storage: { ${storage} }` }).config.storage.stores;
const faults = (storage: string) => faultsOf({ file: `storage: { ${storage} }` }).join("\n");

test("blobs lie on the disk, or in the bucket where there is one, unless it is said", () => {
  assert.deepEqual(load().config.storage.stores, ["disk"]);
  assert.deepEqual(storesOf(bucket), ["s3"]);
  assert.deepEqual(storesOf(`${bucket}, stores: disk`), ["disk"]);
  assert.deepEqual(storesOf(`${bucket}, stores: [s3, disk]`), ["s3", "disk"]);
  assert.deepEqual(storesOf(`${bucket}, stores: [disk, s3]`), ["disk", "s3"]);
  const environment = { BERTH_STORAGE_STORES: "disk,s3", BERTH_STORAGE_S3_BUCKET: "registry" };
  assert.deepEqual(load({ environment }).config.storage.stores, ["disk", "s3"]);
});

test("a store that isn't described, is named twice or isn't known is a fault", () => {
  assert.match(
    faults("stores: [s3, disk]"),
    /^storage\.stores .*names s3, which needs the section storage\.s3/,
  );
  assert.match(faults(`${bucket}, stores: [s3, s3]`), /^storage\.stores .*names a store twice/);
  assert.match(faults(`${bucket}, stores: [s3, disc]`), /did you mean "disk"/);
});

test("nginx may hand blobs over as long as some lie on the disk", () => {
  const accel =
    "trusted_proxies: 127.0.0.1\nstorage: { disk: { x_accel_redirect: /b/ }, s3: { bucket: registry }";
  assert.deepEqual(load({ file: `${accel}, stores: [s3, disk] }` }).config.storage.stores, ["s3", "disk"]);
  assert.match(
    faultsOf({ file: `${accel} }` }).join("\n"),
    /^storage\.disk\.x_accel_redirect .*is of no use/,
  );
});

test("what is in force reads back as a file", () => {
  for (const storage of [bucket, `${bucket}, stores: [s3, disk]`, "verify_reads: false"]) {
    const first = load({ file: `storage: { ${storage} }` });
    assert.deepEqual(load({ file: showConfig(first.config, first.origins) }).config, first.config);
  }
});
