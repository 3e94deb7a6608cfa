import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { ownsOnDisk } from "#adapters/disk/layout.ts";
import { ownsInS3 } from "#adapters/s3/layout.ts";
import { createTwoStores } from "#adapters/two-stores/two-stores.ts";
import { blobStoreContract } from "../../contract/blob-store.ts";
import { blobStoreDeletedContract } from "../../contract/blob-store-deleted.ts";
import { blobStoreLinkContract } from "../../contract/blob-store-link.ts";
import { blobStoreListContract } from "../../contract/blob-store-list.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { storeIn } from "../s3/s3-bucket.ts";

describe("two blob stores as one", withRgw, () => {
  let rgw: Promise<Rgw> | undefined;
  after(async () => (await rgw)?.[Symbol.asyncDispose]());

  async function parts() {
    rgw ??= startRgw();
    const folder = await mkdtemp(join(tmpdir(), "berth-two-"));
    return {
      disk: { name: "disk", owns: ownsOnDisk, store: await createDiskStore({ path: join(folder, "store") }) },
      s3: { name: "s3", owns: ownsInS3, store: (await storeIn(await rgw)).store },
      close: () => rm(folder, { recursive: true }),
    };
  }
  async function bucketFirst() {
    const { disk, s3, close } = await parts();
    return { store: createTwoStores(s3, disk), close };
  }
  async function diskFirst() {
    const { disk, s3, close } = await parts();
    return { store: createTwoStores(disk, s3), close };
  }
  async function diskAlone() {
    const { disk, s3, close } = await parts();
    return { store: createTwoStores(disk, { ...s3, store: undefined }), close };
  }

  const ways: [string, typeof bucketFirst, boolean][] = [
    ["s3, then disk", bucketFirst, false],
    ["disk, then s3", diskFirst, true],
    ["disk, s3 out of reach", diskAlone, true],
  ];
  for (const [name, open, goOn] of ways) {
    blobStoreContract(name, open);
    blobStoreLinkContract(name, open);
    blobStoreListContract(name, open);
    blobStoreDeletedContract(name, open, goOn);
  }
});
