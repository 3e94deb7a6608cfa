import type { Action } from "#core/caller.ts";
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
  /** What the caller must be allowed, one of them; undefined: the handler asks (or nothing is needed). */
  actions?: readonly Action[];
  /** Receives bytes: counts against limits.concurrent_uploads. */
  upload?: true;
}

const pull: readonly Action[] = ["pull"];
/** Who may only move tags must be able to bring what they shall point to. */
const push: readonly Action[] = ["push", "overwrite"];
const remove: readonly Action[] = ["delete"];

const manifest = "/v2/{name}/manifests/{reference}";
const blob = "/v2/{name}/blobs/{digest}";
const uploads = "/v2/{name}/blobs/uploads/";
const upload = "/v2/{name}/blobs/uploads/{upload}";

/** The distribution API, distribution-spec "Endpoints" end-1 … end-14. HEAD is GET's where it has no row. */
export const routes: readonly DistributionRoute[] = [
  { method: "GET", kind: "root", path: "/v2/", name: "support", handle: support },
  { method: "GET", kind: "catalog", path: "/v2/_catalog", name: "catalog", handle: listCatalog },
  {
    method: "GET",
    kind: "tags",
    path: "/v2/{name}/tags/list",
    name: "tag-list",
    actions: pull,
    handle: listTags,
  },
  {
    method: "GET",
    kind: "manifest",
    path: manifest,
    name: "manifest-get",
    actions: pull,
    handle: getManifest,
  },
  {
    method: "HEAD",
    kind: "manifest",
    path: manifest,
    name: "manifest-head",
    actions: pull,
    handle: headManifest,
  },
  {
    method: "PUT",
    kind: "manifest",
    path: manifest,
    name: "manifest-put",
    actions: push,
    handle: putManifest,
  },
  {
    method: "DELETE",
    kind: "manifest",
    path: manifest,
    name: "manifest-delete",
    actions: remove,
    handle: deleteManifest,
  },
  { method: "GET", kind: "blob", path: blob, name: "blob-get", actions: pull, handle: getBlob },
  { method: "HEAD", kind: "blob", path: blob, name: "blob-head", actions: pull, handle: headBlob },
  { method: "DELETE", kind: "blob", path: blob, name: "blob-delete", actions: remove, handle: deleteBlob },
  {
    method: "POST",
    kind: "uploads",
    path: uploads,
    name: "upload-begin",
    actions: push,
    handle: beginUpload,
    upload: true,
  },
  { method: "GET", kind: "upload", path: upload, name: "upload-status", actions: push, handle: uploadStatus },
  {
    method: "PATCH",
    kind: "upload",
    path: upload,
    name: "upload-append",
    actions: push,
    handle: appendUpload,
    upload: true,
  },
  {
    method: "PUT",
    kind: "upload",
    path: upload,
    name: "upload-finish",
    actions: push,
    handle: finishUpload,
    upload: true,
  },
  {
    method: "DELETE",
    kind: "upload",
    path: upload,
    name: "upload-cancel",
    actions: push,
    handle: cancelUpload,
  },
  {
    method: "GET",
    kind: "referrers",
    path: "/v2/{name}/referrers/{digest}",
    name: "referrers",
    actions: pull,
    handle: listReferrers,
  },
];
