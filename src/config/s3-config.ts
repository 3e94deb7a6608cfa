/** Blobs in a bucket: the `storage.s3` section. Its presence chooses S3 over the disk. Files are absolute. */
export interface S3StorageConfig {
  bucket: string;
  /** Undefined: the SDK's (variables, profile), or us-east-1 where there is an endpoint. */
  region: string | undefined;
  /** URL of a server that speaks S3; undefined: AWS. */
  endpoint: string | undefined;
  /** The bucket in the path, not in the host name; `auto` in the file: where there is an endpoint. */
  force_path_style: boolean;
  /** Begins every key: empty, or ends with a slash. */
  prefix: string;
  /** Both or neither; undefined: the SDK's default chain. */
  access_key_id_file: string | undefined;
  secret_access_key_file: string | undefined;
  /** Encryption by the server: its own keys, or a key of its key service. */
  sse: "none" | "s3" | "kms";
  sse_kms_key_id: string | undefined;
  storage_class: string | undefined;
  checksums: "when_supported" | "when_required";
  /** Bytes of the first parts of a multipart upload, and whether all parts are equal. */
  part_size: PartSizeConfig;
  /** Parts of one upload sent at the same time. */
  parts_in_flight: number;
  digest_marker: "tag" | "object";
  redirect: RedirectConfig;
}

export interface PartSizeConfig {
  first: number;
  fixed: boolean;
}

export interface RedirectConfig {
  /** Pulls are answered with a signed URL of the bucket. */
  enabled: boolean;
  /** Stands for the bucket's address in those URLs. */
  base_url: string | undefined;
  /** How long a URL works, ms. */
  expiry: number;
  /** Networks whose clients get their blobs from Berth all the same. */
  stream_to: string[];
}
