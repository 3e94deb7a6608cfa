import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { createAdoption } from "#adapters/disk/adopt.ts";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { digestOf } from "#oci/digest.ts";
import { tempFolder } from "../sqlite/temp-folder.ts";

const bytes = Buffer.from("bytes of a blob");
const digest = digestOf("sha256", bytes);

test("a file becomes a blob by a second name only when nobody else may write it", async () => {
  using folder = tempFolder();
  const path = folder.file("store");
  await createDiskStore({ path });
  const adopt = createAdoption({ path, groupReads: false, ways: ["link"] });
  const file = folder.file("data");
  writeFileSync(file, bytes);
  for (const mode of [0o666, 0o620, 0o602]) {
    chmodSync(file, mode);
    assert.equal(await adopt(file, digest), undefined, mode.toString(8));
    assert.equal(statSync(file).nlink, 1);
  }
  for (const mode of [0o600, 0o644]) {
    chmodSync(file, mode);
    const taken = await adopt(file, digest);
    assert.equal(taken?.how, "linked");
    assert.ok(existsSync(`${path}/blobs/${taken.location}`));
  }
  chmodSync(file, 0o600);
  await assert.rejects(adopt(file, digestOf("sha256", Buffer.from("others"))), { code: "digest-mismatch" });
  assert.deepEqual(readdirSync(`${path}/uploads`), []);
});
