import { AppError } from "#core/errors.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import { answerStream } from "./answer-stream.ts";
import { messageOf } from "./errors.ts";
import { leaving } from "#http/edge/leaving.ts";
import { registryAuth } from "./registry-auth.ts";
import { failureLine, progressLine } from "./render/progress-line.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";
import { upload } from "./upload.ts";

/** Images on their way in or out. */
export const transferRoutes: readonly DockerRoute[] = [
  { method: "POST", path: "/images/create", name: "image-create", handle: create },
  { method: "POST", path: "/images/{name}/push", name: "image-push", handle: push },
  { method: "GET", path: "/images/get", name: "image-save", handle: save },
  { method: "GET", path: "/images/{name}/get", name: "image-save-one", handle: save },
  { method: "POST", path: "/images/load", name: "image-load", handle: load },
];

/** Pull, or import where there is a `fromSrc`. */
async function create(request: DockerRequest): Promise<void> {
  const { ctx, needs, query } = request;
  const platform = query.text("platform");
  if (query.text("fromImage") !== "") {
    const lines = needs.images.pull({
      name: query.text("fromImage"),
      tag: query.text("tag"),
      platform,
      credentials: registryAuth(ctx),
      signal: leaving(ctx),
    });
    await tell(request, lines);
    return;
  }
  if (query.text("fromSrc") === "")
    throw new AppError("engine-invalid", "nothing to create an image from: fromImage or fromSrc is needed");
  const lines = needs.images.importRoot({
    source: query.text("fromSrc"),
    repo: query.text("repo"),
    tag: query.text("tag"),
    message: query.text("message"),
    changes: query.all("changes"),
    platform,
    body: upload(ctx),
    signal: leaving(ctx),
  });
  await tell(request, lines);
}

/** What fails is told in the stream, also before the first byte went: clients look nowhere else. */
async function push(request: DockerRequest): Promise<void> {
  const { ctx, needs, ref, query } = request;
  const lines = needs.images.push({
    name: ref,
    tag: query.text("tag"),
    credentials: registryAuth(ctx),
    signal: leaving(ctx),
  });
  await tell(request, lines, true);
}

async function save({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  const names = ref === "" ? query.all("names") : [ref];
  if (names.length === 0) throw new AppError("engine-invalid", "no image was named: names is needed");
  await answerStream(ctx, await needs.images.save(names), { type: "application/x-tar" });
}

async function load(request: DockerRequest): Promise<void> {
  const { ctx, needs, query } = request;
  await tell(request, needs.images.load(upload(ctx), query.flag("quiet")));
}

async function tell(
  { ctx }: DockerRequest,
  lines: AsyncIterable<ProgressLine>,
  atOnce = false,
): Promise<void> {
  await answerStream(ctx, texts(lines), {
    type: "application/json",
    atOnce,
    failed: (error) => failureLine(messageOf(error)),
  });
}

async function* texts(lines: AsyncIterable<ProgressLine>): AsyncGenerator<string> {
  for await (const line of lines) yield progressLine(line);
}
