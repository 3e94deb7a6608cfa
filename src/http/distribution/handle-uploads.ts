import type { Digest } from "#oci/digest.ts";
import { algorithmOf } from "#oci/digest.ts";
import { AppError } from "#core/errors.ts";
import { answerEmpty } from "#http/edge/answer-empty.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { requestBody } from "#http/edge/request-body.ts";
import { isUuid } from "#kit/uuid.ts";
import { parseRepositoryName } from "#oci/reference.ts";
import { chunkPlace } from "./content-range.ts";
import { setLocation, setUploadHeaders } from "./location.ts";
import type { UploadBody } from "./needs.ts";
import { algorithmParameter, digestOf, digestParameter } from "./parse.ts";
import type { DistributionRequest } from "./request.ts";

/** end-4a, 4b, 4c and 11: a session, a whole blob in one request, or a mount. */
export async function beginUpload(request: DistributionRequest): Promise<void> {
  const { needs, caller, by, repository, query } = request;
  const mount = query.get("mount");
  const mounted = mount === null ? undefined : digestOf(mount);
  if (mounted !== undefined && (await tryMount(request, mounted))) {
    created(request, mounted);
    return;
  }
  const digest = mounted === undefined ? digestParameter(query) : undefined;
  if (digest !== undefined) {
    await needs.uploads.push(caller, repository, digest, bodyOf(request), by);
    created(request, digest);
    return;
  }
  // A mount that found nothing goes on as an upload, and has named its algorithm already.
  const announced = algorithmParameter(query) ?? (mounted === undefined ? "sha256" : algorithmOf(mounted));
  const { id } = await needs.uploads.begin(caller, repository, announced);
  answerEmpty(request.ctx, 202);
  setUploadHeaders(request, id, 0);
}

async function tryMount(
  { ctx, needs, caller, by, repository, query }: DistributionRequest,
  digest: Digest,
): Promise<boolean> {
  const from = query.get("from");
  const source = from === null || from === "" ? undefined : parseRepositoryName(from);
  // A source that can't exist holds nothing: 202, as for any other that lacks the blob.
  if (source === undefined && from !== null && from !== "") return false;
  const outcome = await needs.uploads.mount(caller, repository, digest, source, by);
  if (typeof outcome === "boolean") return outcome;
  const scope = `repository:${repository}:pull,push repository:${outcome.narrow}:pull`;
  needs.guard.challenge(ctx, scope, "insufficient_scope");
  throw new AppError(
    "unauthenticated",
    `the access token is not good for ${scope}: ask the token server for one that is`,
  );
}

/** end-13. */
export async function uploadStatus(request: DistributionRequest): Promise<void> {
  const { ctx, needs, caller, repository } = request;
  const { id, offset } = await needs.uploads.status(caller, repository, uploadId(request));
  answerEmpty(ctx, 204);
  setUploadHeaders(request, id, offset);
}

/** end-5. */
export async function appendUpload(request: DistributionRequest): Promise<void> {
  const { ctx, needs, caller, repository } = request;
  const id = uploadId(request);
  const state = await withProgress(request, id, () =>
    needs.uploads.append(caller, repository, id, bodyOf(request)),
  );
  answerEmpty(ctx, 202);
  setUploadHeaders(request, id, state.offset);
}

/** end-6. */
export async function finishUpload(request: DistributionRequest): Promise<void> {
  const { needs, caller, by, repository, query } = request;
  const id = uploadId(request);
  const digest = digestParameter(query);
  if (digest === undefined)
    throw new AppError(
      "digest-invalid",
      "finishing an upload takes ?digest= with the digest of the whole blob",
    );
  await withProgress(request, id, () =>
    needs.uploads.finish(caller, repository, id, digest, bodyOf(request), by),
  );
  created(request, digest);
}

/** end-14. */
export async function cancelUpload(request: DistributionRequest): Promise<void> {
  const { ctx, needs, caller, repository } = request;
  await needs.uploads.cancel(caller, repository, uploadId(request));
  answerEmpty(ctx, 204);
}

/** A refusal that leaves the session alive tells how far it is, so that the client can go on. */
async function withProgress<T>(request: DistributionRequest, id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { offset } = (error instanceof AppError ? (error.detail ?? {}) : {}) as { offset?: unknown };
    if (typeof offset === "number") setUploadHeaders(request, id, offset);
    throw error;
  }
}

function created(request: DistributionRequest, digest: Digest): void {
  answerEmpty(request.ctx, 201);
  setLocation(request, `/v2/${request.repository}/blobs/${digest}`);
  request.ctx.set("Docker-Content-Digest", digest);
}

function bodyOf({ ctx, needs }: DistributionRequest): UploadBody {
  const chunks = requestBody(ctx.req, needs.limits.current.body_idle_timeout, exchangeOf(ctx));
  return { chunks, ...chunkPlace(ctx.req) };
}

function uploadId({ subject }: DistributionRequest): string {
  if (isUuid(subject)) return subject;
  throw new AppError("upload-unknown", "this is not the id of an upload: begin one with POST");
}
