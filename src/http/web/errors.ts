import type { ApiErrors } from "#http/edge/answer-api-error.ts";

/** What the page's API answers beside what every API does. */
export const webErrors: ApiErrors = {
  "over-quota": [403, "DENIED"],
  "name-invalid": [400, "NAME_INVALID"],
  "tag-invalid": [400, "TAG_INVALID"],
  "digest-invalid": [400, "DIGEST_INVALID"],
  "repository-unknown": [404, "NAME_UNKNOWN"],
  "manifest-unknown": [404, "MANIFEST_UNKNOWN"],
  "blob-unknown": [404, "BLOB_UNKNOWN"],
  "blob-in-use": [409, "DENIED"],
  "manifest-invalid": [409, "MANIFEST_INVALID"],
  "reference-missing": [409, "MANIFEST_BLOB_UNKNOWN"],
  "size-mismatch": [409, "SIZE_INVALID"],
  "engine-missing": [404, "NOT_FOUND"],
  "engine-conflict": [409, "CONFLICT"],
  "engine-failed": [502, "UNAVAILABLE"],
};
