import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSpool } from "#app/open/open-spool.ts";
import { digestOf } from "#oci/digest.ts";
import { assertHolds } from "../contract/blob-store-checks.ts";
import { defaultConfig } from "../harness/default-config.ts";

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "berth-spool-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

for (const [stores, place] of [
  [["disk"], "blobs/uploads"],
  [["disk", "s3"], "blobs/uploads"],
  [["s3"], "data/fetching"],
  [["s3", "disk"], "data/fetching"],
] as const)
  test(`with blobs in ${stores.join(" and ")}, what is fetched lies in ${place}`, async (t) => {
    const folder = await temporaryFolder(t);
    const config = defaultConfig(join(folder, "data"));
    const path = join(folder, "blobs");
    const store = await createDiskStore({ path });
    const storage = { ...config.storage, stores: [...stores], disk: { ...config.storage.disk, path } };
    const spool = await openSpool({ ...config, storage }, store);
    await using file = await spool.begin();
    assert.deepEqual(await readdir(join(folder, place)), [file.name]);
    const bytes = Buffer.from("a layer");
    await file.write(bytes);
    await assertHolds(store, await file.commit(digestOf("sha256", bytes), bytes.length), bytes);
    assert.deepEqual(await readdir(join(folder, place)), []);
  });
