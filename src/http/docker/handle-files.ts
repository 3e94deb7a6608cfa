import { AppError } from "#core/errors.ts";
import type { PathStat } from "#core/engine/snapshots.ts";
import type { Context } from "#http/edge/context.ts";
import { answerJson, answerNothing } from "./answer.ts";
import { answerStream } from "./answer-stream.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";
import { upload } from "./upload.ts";

export const fileRoutes: readonly DockerRoute[] = [
  { method: "HEAD", path: "/containers/{id}/archive", name: "container-archive-stat", handle: stat },
  { method: "GET", path: "/containers/{id}/archive", name: "container-archive-get", handle: read },
  { method: "PUT", path: "/containers/{id}/archive", name: "container-archive-put", handle: write },
  { method: "GET", path: "/containers/{id}/export", name: "container-export", handle: exportRoot },
  { method: "GET", path: "/containers/{id}/changes", name: "container-changes", handle: changes },
];

const tar = "application/x-tar";
const kinds = { changed: 0, added: 1, removed: 2 };

async function stat({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  tellStat(ctx, await needs.containers.statPath(ref, pathIn(query)));
  answerNothing(ctx, 200);
}

async function read({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  const found = await needs.containers.readPath(ref, pathIn(query));
  tellStat(ctx, found.stat);
  await answerStream(ctx, found.body, { type: tar });
}

async function write({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.containers.writePath(ref, pathIn(query), upload(ctx), {
    noOverwriteDirNonDir: query.flag("noOverwriteDirNonDir"),
    copyOwner: query.flag("copyUIDGID"),
  });
  answerNothing(ctx, 200);
}

async function exportRoot({ ctx, needs, ref }: DockerRequest): Promise<void> {
  await answerStream(ctx, await needs.containers.exportRoot(ref), { type: "application/octet-stream" });
}

async function changes({ ctx, needs, ref }: DockerRequest): Promise<void> {
  const found = await needs.containers.changes(ref);
  answerJson(
    ctx,
    found.map(({ path, kind }) => ({ Path: path, Kind: kinds[kind] })),
  );
}

function pathIn(query: DockerRequest["query"]): string {
  const path = query.text("path");
  if (path === "") throw new AppError("engine-invalid", "missing parameter: path");
  return path;
}

function tellStat(ctx: Context, { name, size, mode, mtime, linkTarget }: PathStat): void {
  const stat = JSON.stringify({ name, size, mode, mtime, linkTarget });
  ctx.set("X-Docker-Container-Path-Stat", Buffer.from(stat).toString("base64"));
}
