import { answerJson, answerNothing } from "./answer.ts";
import { jsonBody } from "./json-body.ts";
import { volumeView } from "./render/volume-view.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const volumeRoutes: readonly DockerRoute[] = [
  { method: "GET", path: "/volumes", name: "volume-list", handle: list },
  { method: "GET", path: "/volumes/{name}", name: "volume-inspect", handle: inspect },
  { method: "POST", path: "/volumes/create", name: "volume-create", handle: create },
  { method: "POST", path: "/volumes/prune", name: "volume-prune", handle: prune },
  { method: "DELETE", path: "/volumes/{name}", name: "volume-delete", handle: remove },
];

async function list({ ctx, needs, query }: DockerRequest): Promise<void> {
  const views = await needs.volumes.list(query.filters());
  answerJson(ctx, { Volumes: views.map((view) => volumeView(view)), Warnings: null });
}

async function inspect({ ctx, needs, ref }: DockerRequest): Promise<void> {
  answerJson(ctx, volumeView(await needs.volumes.inspect(ref)));
}

async function create({ ctx, needs }: DockerRequest): Promise<void> {
  answerJson(ctx, volumeView(await needs.volumes.create(await jsonBody(ctx))), 201);
}

/** Until 1.41 all unused volumes went, since then the anonymous ones unless `all` is asked for. */
async function prune({ ctx, needs, query, api }: DockerRequest): Promise<void> {
  const filters = new Map(query.filters());
  if (api < 42) filters.set("all", ["true"]);
  const { removed, reclaimed } = await needs.volumes.prune(filters);
  answerJson(ctx, { VolumesDeleted: removed, SpaceReclaimed: reclaimed });
}

async function remove({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.volumes.remove(ref, query.flag("force"));
  answerNothing(ctx);
}
