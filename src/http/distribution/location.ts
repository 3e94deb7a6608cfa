import type { DistributionRequest } from "./request.ts";

/** Sets Location to a path of this registry: relative, or absolute under the origin that clients use. */
export function setLocation({ ctx, needs }: DistributionRequest, path: string): void {
  ctx.set("Location", needs.origin(ctx.req) + path);
}

/** Location and progress of an upload session. `Range` is inclusive, so an empty one reads 0-0. */
export function setUploadHeaders(request: DistributionRequest, id: string, offset: number): void {
  setLocation(request, `/v2/${request.named}/blobs/uploads/${id}`);
  request.ctx.set("Range", `0-${Math.max(0, offset - 1)}`);
  request.ctx.set("Docker-Upload-UUID", id);
}
