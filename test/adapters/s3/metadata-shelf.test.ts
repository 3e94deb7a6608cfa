import { after, describe } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { createS3Shelf } from "#adapters/s3/metadata-shelf.ts";
import { metadataShelfContract } from "../../contract/metadata-shelf.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { partsFor } from "./s3-bucket.ts";

describe("snapshots of the metadata on Ceph's S3 server", withRgw, () => {
  let rgw: Promise<Rgw> | undefined;
  after(async () => (await rgw)?.[Symbol.asyncDispose]());
  for (const prefix of ["registry/", ""])
    metadataShelfContract(`s3 below ${JSON.stringify(prefix)}`, async () => {
      rgw ??= startRgw();
      const s3 = await rgw;
      const bucket = await s3.bucket();
      return {
        shelf: await createS3Shelf({ ...partsFor(s3, bucket), prefix }),
        async litter(name) {
          await s3.client.send(
            new PutObjectCommand({ Bucket: bucket, Key: `${prefix}metadata/${name}`, Body: "litter" }),
          );
        },
        close: () => Promise.resolve(),
      };
    });
});
