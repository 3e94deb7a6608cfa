import { answerJson, answerNothing } from "./answer.ts";
import { jsonBody } from "./json-body.ts";
import { networkView } from "./render/network-view.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const networkRoutes: readonly DockerRoute[] = [
  { method: "GET", path: "/networks", name: "network-list", handle: list },
  { method: "GET", path: "/networks/{id}", name: "network-inspect", handle: inspect },
  { method: "POST", path: "/networks/create", name: "network-create", handle: create },
  { method: "POST", path: "/networks/{id}/connect", name: "network-connect", handle: connect },
  { method: "POST", path: "/networks/{id}/disconnect", name: "network-disconnect", handle: disconnect },
  { method: "POST", path: "/networks/prune", name: "network-prune", handle: prune },
  { method: "DELETE", path: "/networks/{id}", name: "network-delete", handle: remove },
];

/** Since 1.28 a list doesn't say who is in them. */
async function list({ ctx, needs, query, api }: DockerRequest): Promise<void> {
  const views = await needs.networks.list(query.filters());
  answerJson(
    ctx,
    views.map((view) => networkView(api < 28 ? view : { ...view, containers: {} })),
  );
}

async function inspect({ ctx, needs, ref }: DockerRequest): Promise<void> {
  answerJson(ctx, networkView(await needs.networks.inspect(ref)));
}

async function create({ ctx, needs }: DockerRequest): Promise<void> {
  const { id, warning } = await needs.networks.create(await jsonBody(ctx));
  answerJson(ctx, { Id: id, Warning: warning }, 201);
}

async function connect({ ctx, needs, ref }: DockerRequest): Promise<void> {
  await needs.networks.connect(ref, await jsonBody(ctx));
  answerNothing(ctx, 200);
}

async function disconnect({ ctx, needs, ref }: DockerRequest): Promise<void> {
  await needs.networks.disconnect(ref, await jsonBody(ctx));
  answerNothing(ctx, 200);
}

async function prune({ ctx, needs, query }: DockerRequest): Promise<void> {
  const removed = await needs.networks.prune(query.filters());
  answerJson(ctx, { NetworksDeleted: removed.length === 0 ? null : removed });
}

async function remove({ ctx, needs, ref }: DockerRequest): Promise<void> {
  await needs.networks.remove(ref);
  answerNothing(ctx);
}
