import type { Rgw } from "./rgw.ts";

/**
 * The `storage` section for a bucket of a test's server, with the smallest parts.
 * @param more of `storage.s3`, such as another endpoint
 */
export function s3Storage(
  rgw: Rgw,
  bucket: string,
  redirect: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): { s3: Record<string, unknown> } {
  return {
    s3: {
      bucket,
      endpoint: rgw.endpoint,
      prefix: "registry/",
      access_key_id_file: rgw.idFile,
      secret_access_key_file: rgw.secretFile,
      part_size: "5MiB",
      redirect,
      ...more,
    },
  };
}

/** The same as text of a configuration file. */
export function s3Section(
  rgw: Rgw,
  bucket: string,
  redirect: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): string {
  return `storage: ${JSON.stringify(s3Storage(rgw, bucket, redirect, more))}`;
}
