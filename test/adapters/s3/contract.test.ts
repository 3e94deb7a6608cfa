import { after, describe } from "node:test";
import type { S3StoreParts } from "#adapters/s3/s3-store.ts";
import { blobStoreContract } from "../../contract/blob-store.ts";
import { blobStoreDeletedContract } from "../../contract/blob-store-deleted.ts";
import { blobStoreLinkContract } from "../../contract/blob-store-link.ts";
import { blobStoreListContract } from "../../contract/blob-store-list.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { storeIn } from "./s3-bucket.ts";

const MiB = 1024 * 1024;

const ways: [string, Partial<S3StoreParts>][] = [
  ["s3", {}],
  [
    "s3 with equal parts, markers beside and no checksums",
    { partSize: { first: 5 * MiB, fixed: true }, marker: "object", checksums: "when_required", prefix: "" },
  ],
];

describe("blob stores on Ceph's S3 server", withRgw, () => {
  let rgw: Promise<Rgw> | undefined;
  after(async () => (await rgw)?.[Symbol.asyncDispose]());
  for (const [name, more] of ways) {
    const open = async () => {
      rgw ??= startRgw();
      const { store } = await storeIn(await rgw, more);
      return { store, close: () => Promise.resolve() };
    };
    blobStoreContract(name, open);
    blobStoreLinkContract(name, open);
    blobStoreListContract(name, open);
    blobStoreDeletedContract(name, open, false);
  }
});
