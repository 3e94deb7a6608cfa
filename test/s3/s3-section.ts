import type { Rgw } from "./rgw.ts";

/** The `storage.s3` section of a configuration file, for a bucket of a test's server. */
export function s3Section(rgw: Rgw, bucket: string, redirect: Record<string, unknown> = {}): string {
  const s3 = {
    bucket,
    endpoint: rgw.endpoint,
    prefix: "registry/",
    access_key_id_file: rgw.idFile,
    secret_access_key_file: rgw.secretFile,
    part_size: "5MiB",
    redirect,
  };
  return `storage: ${JSON.stringify({ s3 })}`;
}
