import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { createLocalSpool } from "#adapters/local-spool/local-spool.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { spoolContract } from "../../contract/spool.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { storeIn } from "../s3/s3-bucket.ts";

async function openBefore(makeStore: (folder: string) => Promise<BlobStore>) {
  const folder = await mkdtemp(join(tmpdir(), "berth-local-spool-"));
  const path = join(folder, "fetching");
  const store = await makeStore(folder);
  return {
    store,
    spool: await createLocalSpool({ path, store }),
    other: await createLocalSpool({ path, store }),
    close: () => rm(folder, { recursive: true }),
  };
}

spoolContract("local, before a disk store", () =>
  openBefore((folder) => createDiskStore({ path: join(folder, "store") })),
);

describe("before Ceph's S3 server", withRgw, () => {
  let rgw: Promise<Rgw> | undefined;
  after(async () => (await rgw)?.[Symbol.asyncDispose]());
  spoolContract("local, before S3", () =>
    openBefore(async () => {
      rgw ??= startRgw();
      return (await storeIn(await rgw)).store;
    }),
  );
});
