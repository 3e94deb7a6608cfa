import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { blobStoreContract } from "../../contract/blob-store.ts";
import { blobStoreDeletedContract } from "../../contract/blob-store-deleted.ts";
import { blobStoreLinkContract } from "../../contract/blob-store-link.ts";
import { blobStoreListContract } from "../../contract/blob-store-list.ts";

async function open() {
  const folder = await mkdtemp(join(tmpdir(), "berth-disk-"));
  return {
    store: await createDiskStore({ path: join(folder, "store") }),
    close: () => rm(folder, { recursive: true }),
  };
}

blobStoreContract("disk", open);
blobStoreLinkContract("disk", open);
blobStoreListContract("disk", open);
blobStoreDeletedContract("disk", open, true);
