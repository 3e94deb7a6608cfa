import type { Route } from "#http/edge/route.ts";
import type { V2Path } from "#oci/v2-path.ts";
import { deleteBlob, getBlob, headBlob } from "./handle-blobs.ts";
import { listCatalog, listReferrers, listTags, support } from "./handle-lists.ts";
import { deleteManifest, getManifest, headManifest, putManifest } from "./handle-manifests.ts";
import { appendUpload, beginUpload, cancelUpload, finishUpload, uploadStatus } from "./handle-uploads.ts";
import type { Handler } from "./request.ts";

export interface DistributionRoute extends Route {
  kind: V2Path["kind"];
  handle: Handler;
  /** Receives bytes: counts against limits.concurrent_uploads. */
  upload?: true;
}

const manifest = "/v2/{name}/manifests/{reference}";
const blob = "/v2/{name}/blobs/{digest}";
const uploads = "/v2/{name}/blobs/uploads/";
const upload = "/v2/{name}/blobs/uploads/{upload}";

/** The distribution API, distribution-spec "Endpoints" end-1 … end-14. HEAD is GET's where it has no row. */
export const routes: readonly DistributionRoute[] = [
  { method: "GET", kind: "root", path: "/v2/", name: "support", handle: support },
  { method: "GET", kind: "catalog", path: "/v2/_catalog", name: "catalog", handle: listCatalog },
  { method: "GET", kind: "tags", path: "/v2/{name}/tags/list", name: "tag-list", handle: listTags },
  { method: "GET", kind: "manifest", path: manifest, name: "manifest-get", handle: getManifest },
  { method: "HEAD", kind: "manifest", path: manifest, name: "manifest-head", handle: headManifest },
  { method: "PUT", kind: "manifest", path: manifest, name: "manifest-put", handle: putManifest },
  { method: "DELETE", kind: "manifest", path: manifest, name: "manifest-delete", handle: deleteManifest },
  { method: "GET", kind: "blob", path: blob, name: "blob-get", handle: getBlob },
  { method: "HEAD", kind: "blob", path: blob, name: "blob-head", handle: headBlob },
  { method: "DELETE", kind: "blob", path: blob, name: "blob-delete", handle: deleteBlob },
  { method: "POST", kind: "uploads", path: uploads, name: "upload-begin", handle: beginUpload, upload: true },
  { method: "GET", kind: "upload", path: upload, name: "upload-status", handle: uploadStatus },
  {
    method: "PATCH",
    kind: "upload",
    path: upload,
    name: "upload-append",
    handle: appendUpload,
    upload: true,
  },
  { method: "PUT", kind: "upload", path: upload, name: "upload-finish", handle: finishUpload, upload: true },
  { method: "DELETE", kind: "upload", path: upload, name: "upload-cancel", handle: cancelUpload },
  {
    method: "GET",
    kind: "referrers",
    path: "/v2/{name}/referrers/{digest}",
    name: "referrers",
    handle: listReferrers,
  },
];
