import { failureOf } from "./retry.ts";
import type { S3StoreParts } from "./s3-store.ts";

type Settings = Pick<
  S3StoreParts,
  "bucket" | "region" | "endpoint" | "forcePathStyle" | "keyFiles" | "checksums" | "sse" | "storageClass"
>;

/** Why a request failed, for who set the bucket up. */
export type BucketFault =
  /** Of the bucket, the way there or the key: every other request fails for the same reason. */
  | { kind: "whole"; message: string }
  /** Of this kind of request alone. */
  | { kind: "one"; message: string }
  /** The right is missing; further ones may be. */
  | { kind: "right"; right: string };

/** The right that each kind of request needs. */
const rights: Readonly<Record<string, string>> = {
  PutObject: "s3:PutObject",
  CreateMultipartUpload: "s3:PutObject",
  UploadPart: "s3:PutObject",
  PutObjectTagging: "s3:PutObjectTagging",
  AbortMultipartUpload: "s3:AbortMultipartUpload",
  GetObject: "s3:GetObject",
  DeleteObject: "s3:DeleteObject",
  ListObjectsV2: "s3:ListBucket",
  ListMultipartUploads: "s3:ListBucketMultipartUploads",
  ListParts: "s3:ListMultipartUploadParts",
};

/** Nothing of the SDK's own error is passed on but S3's words for the fault: it may hold keys and signatures. */
export function bucketFault(error: unknown, command: string, settings: Settings): BucketFault | undefined {
  const { name, status } = failureOf(error);
  // The right is there, and what was asked for isn't.
  if (name === "NoSuchKey" || name === "NoSuchUpload") return undefined;
  const whole = wayFault(error, settings) ?? regionFault(error, settings) ?? keyFault(name, settings);
  if (whole !== undefined) return { kind: "whole", message: whole };
  if (name === "NoSuchBucket")
    return {
      kind: "whole",
      message: `there is no such bucket ${placeOf(settings)}: make it, or correct storage.s3.bucket, region or endpoint`,
    };
  const one = settingFault(error, command, settings);
  if (one !== undefined) return { kind: "one", message: one };
  const right = rights[command];
  if (status === 403 && right !== undefined) return { kind: "right", right };
  const answer = status === undefined ? name : `${name}, status ${status}`;
  if (status === undefined || isNoS3(error))
    return {
      kind: "whole",
      message: `what answers ${placeOf(settings)} doesn't seem to be an S3 server (${command}: ${answer}): check storage.s3.endpoint`,
    };
  return { kind: "one", message: `${command} failed (${answer})` };
}

/** One sentence for all rights that are missing. @param tried how many kinds of rights were tried */
export function missingRights(
  missing: ReadonlySet<string>,
  tried: number,
  { bucket }: Settings,
  prefix: string,
): string {
  const ofBucket = [...missing].filter((right) => right.startsWith("s3:ListBucket"));
  const ofObjects = [...missing].filter((right) => right.startsWith("s3:") && !ofBucket.includes(right));
  const grants = [
    ...(ofObjects.length > 0 ? [`${ofObjects.join(", ")} on arn:aws:s3:::${bucket}/${prefix}*`] : []),
    ...(ofBucket.length > 0 ? [`${ofBucket.join(", ")} on arn:aws:s3:::${bucket}`] : []),
  ];
  const other = missing.has("s3:PutObjectTagging") ? " (or set storage.s3.digest_marker: object)" : "";
  const nothing =
    missing.size === tried ? "; nothing at all is allowed: is it the right bucket, and key?" : "";
  return `the key may not do all that is needed: grant ${grants.join(", and ")}${other}${nothing}`;
}

/** What keeps requests from getting there and back. */
function wayFault(error: unknown, settings: Settings): string | undefined {
  const { name, status } = failureOf(error);
  const where = settings.endpoint ?? "AWS";
  const check =
    settings.endpoint === undefined
      ? "check this machine's network, storage.s3.region, or set storage.s3.endpoint"
      : `check storage.s3.endpoint${settings.forcePathStyle ? "" : ", or set storage.s3.force_path_style: true"}`;
  if (status !== undefined) {
    const plain = /plain HTTP request was sent to HTTPS/i.test(textOf(error));
    return plain ? `${where} wants TLS: write it with https://` : undefined;
  }
  if (name === "ENOTFOUND" || name === "EAI_AGAIN")
    return `the host of ${where} isn't known here (${name}): ${check}`;
  if (name === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `the certificate of ${where} is for another name: ${check}`;
  if (name === "CERT_HAS_EXPIRED" || name === "CERT_NOT_YET_VALID")
    return `the certificate of ${where} isn't valid now (${name}): renew it, or set this machine's clock`;
  if (/^(CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_)/.test(name))
    return `the certificate of ${where} is not trusted (${name}): give Node its CA with NODE_EXTRA_CA_CERTS`;
  if (/^(ERR_SSL_|EPROTO)/.test(name))
    return `${where} speaks no TLS (${name}): write it with http://, if nobody can listen in between`;
  if (/^(ECONN|EHOST|ENET|ETIMEDOUT|EPIPE|TimeoutError|AbortError)/.test(name))
    return `no answer from ${where} (${name === "AbortError" ? "TimeoutError" : name}): ${check}`;
  if (/region is missing/i.test(textOf(error))) return "no region is known: set storage.s3.region";
  return undefined;
}

/** The bucket lies elsewhere; AWS says where, as a header or in the error's document. */
function regionFault(error: unknown, { region }: Settings): string | undefined {
  const { name, status } = failureOf(error);
  const { Region, $response } = error as {
    Region?: unknown;
    $response?: { headers?: Record<string, string> };
  };
  const told = $response?.headers?.["x-amz-bucket-region"] ?? Region;
  const known =
    typeof told === "string" && /^[a-z0-9-]{1,40}$/.test(told) && told !== region ? told : undefined;
  const wrong =
    status === 301 ||
    ["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"].includes(
      name,
    );
  if (!wrong) return undefined;
  return known === undefined
    ? `the bucket lies in another region (${name}): correct storage.s3.region`
    : `the bucket lies in the region ${known}: set storage.s3.region: ${known}`;
}

function keyFault(name: string, { keyFiles }: Settings): string | undefined {
  const id =
    keyFiles === undefined ? "AWS_ACCESS_KEY_ID, the profile or role" : "storage.s3.access_key_id_file";
  const secret =
    keyFiles === undefined
      ? "AWS_SECRET_ACCESS_KEY, the profile or role"
      : "storage.s3.secret_access_key_file";
  switch (name) {
    case "InvalidAccessKeyId":
      return `the access key id is not known there: check ${id}`;
    case "SignatureDoesNotMatch":
      return `the secret doesn't belong to the access key id: check ${secret}`;
    case "ExpiredToken":
    case "InvalidToken":
    case "TokenRefreshRequired":
      return `the credentials have expired or are not valid (${name}): get new ones`;
    case "RequestTimeTooSkewed":
      return "this machine's clock and the server's differ too much: set the clock (NTP)";
    case "CredentialsProviderError":
      return "no credentials were found: set storage.s3.access_key_id_file and secret_access_key_file, or give this machine a role";
  }
  return undefined;
}

/** Faults of other keys of `storage.s3`, which some kinds of requests show. */
function settingFault(error: unknown, command: string, settings: Settings): string | undefined {
  const { name, status } = failureOf(error);
  const text = textOf(error);
  if (settings.sse === "kms" && /kms/i.test(name + text))
    return status === 403 || name === "AccessDenied"
      ? "the key of its key service may not be used: grant kms:GenerateDataKey and kms:Decrypt on it"
      : `its key service refuses (${name}): check storage.s3.sse_kms_key_id`;
  if (name === "InvalidStorageClass")
    return `the server has no storage class ${settings.storageClass ?? ""}: correct storage.s3.storage_class`;
  if (command === "PutObjectTagging" && (status === 501 || status === 405 || status === 400))
    return `the server has no tags (${name}): set storage.s3.digest_marker: object`;
  const writes = command === "PutObject" || command === "UploadPart" || command === "CreateMultipartUpload";
  if (writes && (status === 501 || /checksum|trailer|content-sha256/i.test(name + text)))
    return `the server doesn't know all that ${command} asks for (${name}): ${simpler(settings)}`;
  return undefined;
}

/** What servers of other makers may lack. */
function simpler({ checksums, sse, storageClass }: Settings): string {
  const less = [
    ...(checksums === "when_supported" ? ["storage.s3.checksums: when_required"] : []),
    ...(sse === "none" ? [] : ["storage.s3.sse: none"]),
    ...(storageClass === undefined ? [] : ["no storage.s3.storage_class"]),
  ];
  return less.length === 0 ? "take another server" : `try ${less.join(", or ")}`;
}

/** An answer without S3's document: a web server's, or a proxy's. */
function isNoS3(error: unknown): boolean {
  const { Code, name = "" } = error as { Code?: string; name?: string };
  return Code === undefined && /^(UnknownError|SyntaxError|TypeError|Error)$/.test(name);
}

function placeOf({ endpoint, region }: Settings): string {
  if (endpoint !== undefined) return `at ${endpoint}`;
  return region === undefined ? "in AWS" : `in AWS, region ${region}`;
}

function textOf(error: unknown): string {
  const { message = "" } = error as { message?: string };
  return message;
}
