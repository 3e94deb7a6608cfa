/** Where backups go: files and folders, or objects of a bucket, `s3://BUCKET/KEY`. */
import { resolve, sep } from "node:path";
import type { Bucket } from "#adapters/s3/bucket.ts";
import type { S3ClientParts } from "#adapters/s3/s3-client.ts";
import type { WholeObjects } from "#adapters/s3/whole-object.ts";
import type { Config } from "#config/config.ts";
import type { BlobCopies } from "#core/blob-copies.ts";
import { AppError } from "#core/errors.ts";
import { inFlags } from "./bucket-flag-words.ts";

export type BackupPlace =
  { kind: "file"; path: string } | { kind: "bucket"; bucket: string; key: string; path?: never };

/** How a bucket that isn't `storage.s3.bucket` is reached; what is undefined the SDK finds by itself. */
export interface BucketAccess {
  endpoint: string | undefined;
  region: string | undefined;
  idFile: string | undefined;
  secretFile: string | undefined;
}

/** @param cwd where relative paths begin. Undefined: it begins with s3:// and isn't s3://BUCKET/KEY. */
export function backupPlace(text: string, cwd: string): BackupPlace | undefined {
  if (!/^s3:/i.test(text)) return { kind: "file", path: resolve(cwd, text) };
  const [, bucket, key] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})\/([^/].*)$/i.exec(text) ?? [];
  return bucket === undefined || key === undefined ? undefined : { kind: "bucket", bucket, key };
}

export function placeText(place: BackupPlace): string {
  return place.kind === "file" ? place.path : `s3://${place.bucket}/${place.key}`;
}

export interface OpenedBucket {
  bucket: Bucket;
  objects: WholeObjects;
}

/** The section storage.s3 where it describes the bucket. */
function sectionOf({ storage: { s3 } }: Config, name: string, { endpoint }: BucketAccess) {
  return s3?.bucket === name && endpoint === undefined ? s3 : undefined;
}

/** Whether nothing but the configuration says how to reach the bucket. */
export function fromConfig(config: Config, name: string, access: BucketAccess): boolean {
  return (
    sectionOf(config, name, access) !== undefined && Object.values(access).every((flag) => flag === undefined)
  );
}

/** How the bucket is reached. */
export function placeClient(config: Config, name: string, access: BucketAccess): S3ClientParts {
  const same = sectionOf(config, name, access);
  const endpoint = access.endpoint ?? same?.endpoint;
  const id = access.idFile ?? same?.access_key_id_file;
  const secret = access.secretFile ?? same?.secret_access_key_file;
  return {
    bucket: name,
    region: access.region ?? same?.region,
    endpoint,
    forcePathStyle: same?.force_path_style ?? endpoint !== undefined,
    keyFiles: id === undefined || secret === undefined ? undefined : { id, secret },
    checksums: same?.checksums ?? "when_supported",
  };
}

/** The bucket of a place: with flags, else as storage.s3 says when it is that one, else by the SDK's own means. */
export async function openPlaceBucket(
  config: Config,
  name: string,
  access: BucketAccess,
): Promise<OpenedBucket> {
  const [{ createS3Client }, { createBucket }, { patience }, { createWholeObjects }] = await Promise.all([
    import("#adapters/s3/s3-client.ts"),
    import("#adapters/s3/bucket.ts"),
    import("#adapters/s3/retry.ts"),
    import("#adapters/s3/whole-object.ts"),
  ]);
  const client = await createS3Client(placeClient(config, name, access)).catch((error: unknown) => {
    if (!(error instanceof AppError) || fromConfig(config, name, access)) throw error;
    throw new AppError(error.code, inFlags(error.message), { cause: error.cause });
  });
  const same = sectionOf(config, name, access);
  // Backups are read whole, and soon or never: always the bucket's standard class.
  const rules = {
    sse: same?.sse ?? "none",
    kmsKeyId: same?.sse_kms_key_id,
    storageClass: undefined,
  } as const;
  const bucket = createBucket({ client, bucket: name, rules, patience });
  return { bucket, objects: createWholeObjects(bucket) };
}

/** The copies of blobs at a place. */
export async function openCopies(
  config: Config,
  place: BackupPlace,
  access: BucketAccess,
): Promise<BlobCopies> {
  refuseStore(config, place);
  if (place.kind === "file") {
    const { createCopiesFolder } = await import("#adapters/disk/copies-folder.ts");
    return createCopiesFolder(place.path);
  }
  const { createCopiesBucket } = await import("#adapters/s3/copies-bucket.ts");
  const { bucket, objects } = await openPlaceBucket(config, place.bucket, access);
  return createCopiesBucket(bucket, objects, `${place.key.replace(/\/+$/, "")}/`);
}

/** What lies in the store's own folders and keys it may purge, and would be taken for blobs of its own. */
export function refuseStore({ storage }: Config, place: BackupPlace): void {
  const { s3, disk } = storage;
  const refused =
    place.kind === "file"
      ? isBelow(place.path, disk.path)
      : s3?.bucket === place.bucket && isOfStore(place.key.replace(/\/+$/, ""), s3.prefix);
  if (refused)
    throw new AppError(
      "storage-failed",
      `${placeText(place)} is where the registry itself keeps its blobs: name another place for the backup`,
    );
}

/** Its own folders, and the one that they are in: copies in a bucket give up what uploads below them lie idle. */
function isOfStore(key: string, prefix: string): boolean {
  if (prefix.startsWith(`${key}/`)) return true;
  return (
    key.startsWith(prefix) && /^(blobs|uploads|digests|check|metadata)(\/|$)/.test(key.slice(prefix.length))
  );
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
