import { createS3Store, type S3StoreParts } from "#adapters/s3/s3-store.ts";
import type { Rgw } from "../../s3/rgw.ts";

const MiB = 1024 * 1024;

/** How a store reaches a bucket of the server: with small parts, and little patience. */
export function partsFor(rgw: Rgw, bucket: string): S3StoreParts {
  return {
    bucket,
    region: undefined,
    endpoint: rgw.endpoint,
    forcePathStyle: true,
    keyFiles: { id: rgw.idFile, secret: rgw.secretFile },
    checksums: "when_supported",
    sse: "none",
    kmsKeyId: undefined,
    storageClass: undefined,
    prefix: "registry/",
    partSize: { first: 5 * MiB, fixed: false },
    partsInFlight: 2,
    marker: "tag",
    links: { base: undefined },
    patience: { attempts: 5, pause: 10, longestPause: 100, deadline: 5_000, slowest: 1 * MiB },
  };
}

/** A store in a bucket of the server. */
export async function storeIn(rgw: Rgw, more: Partial<S3StoreParts> = {}) {
  const bucket = more.bucket ?? (await rgw.bucket());
  return { store: await createS3Store({ ...partsFor(rgw, bucket), ...more }), bucket };
}
