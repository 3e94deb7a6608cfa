import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";

/** Everything in a small bucket: keys of objects, and of multipart uploads under way. */
export async function bucketContent(client: S3Client, Bucket: string) {
  const objects = await client.send(new ListObjectsV2Command({ Bucket }));
  const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  const keys = (objects.Contents ?? []).map(({ Key = "" }) => Key);
  return {
    keys,
    blobs: keys.filter((key) => key.includes("blobs/")),
    multiparts: (uploads.Uploads ?? []).map(({ Key = "" }) => Key),
  };
}

/** Parts of all multipart uploads under way. */
export async function uploadedParts(client: S3Client, Bucket: string): Promise<number> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  let parts = 0;
  for (const { Key, UploadId } of Uploads)
    parts += (await client.send(new ListPartsCommand({ Bucket, Key, UploadId }))).Parts?.length ?? 0;
  return parts;
}
