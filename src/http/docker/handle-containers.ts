import { answerJson, answerNothing } from "./answer.ts";
import { jsonBody } from "./json-body.ts";
import { containerDetails } from "./render/container-details.ts";
import { containerSummary } from "./render/container-summary.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";
import { terminalSize } from "./terminal-size.ts";

export const containerRoutes: readonly DockerRoute[] = [
  { method: "POST", path: "/containers/create", name: "container-create", handle: create },
  { method: "GET", path: "/containers/json", name: "container-list", handle: list },
  { method: "GET", path: "/containers/{id}/json", name: "container-inspect", handle: inspect },
  { method: "GET", path: "/containers/{id}/top", name: "container-top", handle: top },
  { method: "POST", path: "/containers/{id}/start", name: "container-start", handle: start },
  { method: "POST", path: "/containers/{id}/stop", name: "container-stop", handle: stop },
  { method: "POST", path: "/containers/{id}/restart", name: "container-restart", handle: restart },
  { method: "POST", path: "/containers/{id}/kill", name: "container-kill", handle: kill },
  { method: "POST", path: "/containers/{id}/pause", name: "container-pause", handle: pause },
  { method: "POST", path: "/containers/{id}/unpause", name: "container-unpause", handle: unpause },
  { method: "POST", path: "/containers/{id}/rename", name: "container-rename", handle: rename },
  { method: "POST", path: "/containers/{id}/update", name: "container-update", handle: update },
  { method: "POST", path: "/containers/{id}/resize", name: "container-resize", handle: resize },
  { method: "POST", path: "/containers/prune", name: "container-prune", handle: prune },
  { method: "POST", path: "/commit", name: "container-commit", handle: commit },
  { method: "DELETE", path: "/containers/{id}", name: "container-delete", handle: remove },
];

async function create({ ctx, needs, query }: DockerRequest): Promise<void> {
  const { id, warnings } = await needs.containers.create(
    { name: query.text("name"), platform: query.text("platform") },
    await jsonBody(ctx),
  );
  answerJson(ctx, { Id: id, Warnings: warnings }, 201);
}

async function list({ ctx, needs, query, api }: DockerRequest): Promise<void> {
  const limit = query.integer("limit") ?? 0;
  const listed = await needs.containers.list({
    // `ps -n 3` shows stopped ones, too.
    all: query.flag("all") || limit > 0,
    limit,
    size: query.flag("size"),
    filters: query.filters(),
  });
  const now = Date.now();
  answerJson(
    ctx,
    listed.map((one) => containerSummary(one, { api, now })),
  );
}

async function inspect({ ctx, needs, ref, query, api }: DockerRequest): Promise<void> {
  answerJson(ctx, containerDetails(await needs.containers.inspect(ref, query.flag("size")), api));
}

async function top({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  const { titles, processes } = await needs.containers.top(ref, query.text("ps_args") || "-ef");
  answerJson(ctx, { Titles: titles, Processes: processes });
}

async function start({ ctx, needs, ref }: DockerRequest): Promise<void> {
  await needs.containers.start(ref);
  answerNothing(ctx);
}

async function stop({ ctx, needs, ref, query, api }: DockerRequest): Promise<void> {
  const { timeout, signal } = ending(query, api);
  await needs.containers.stop(ref, timeout, signal);
  answerNothing(ctx);
}

async function restart({ ctx, needs, ref, query, api }: DockerRequest): Promise<void> {
  const { timeout, signal } = ending(query, api);
  await needs.containers.restart(ref, timeout, signal);
  answerNothing(ctx);
}

/** A signal is known since 1.42. */
function ending(query: DockerRequest["query"], api: number) {
  return {
    timeout: query.integer("t"),
    signal: api < 42 ? undefined : query.text("signal") || undefined,
  };
}

async function kill({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.containers.kill(ref, query.text("signal") || undefined);
  answerNothing(ctx);
}

async function pause({ ctx, needs, ref }: DockerRequest): Promise<void> {
  await needs.containers.pause(ref);
  answerNothing(ctx);
}

async function unpause({ ctx, needs, ref }: DockerRequest): Promise<void> {
  await needs.containers.resume(ref);
  answerNothing(ctx);
}

async function rename({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.containers.rename(ref, query.text("name"));
  answerNothing(ctx);
}

async function update({ ctx, needs, ref }: DockerRequest): Promise<void> {
  const { warnings } = await needs.containers.update(ref, await jsonBody(ctx));
  answerJson(ctx, { Warnings: warnings });
}

async function resize({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.containers.resize(ref, terminalSize(query));
  answerNothing(ctx, 200);
}

async function remove({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.containers.remove(ref, {
    force: query.flag("force"),
    volumes: query.flag("v"),
    link: query.flag("link"),
  });
  answerNothing(ctx);
}

async function prune({ ctx, needs, query }: DockerRequest): Promise<void> {
  const { removed, reclaimed } = await needs.containers.prune(query.filters());
  answerJson(ctx, { ContainersDeleted: removed, SpaceReclaimed: reclaimed });
}

async function commit({ ctx, needs, query }: DockerRequest): Promise<void> {
  const id = await needs.containers.commit(
    {
      container: query.text("container"),
      repo: query.text("repo"),
      tag: query.text("tag"),
      comment: query.text("comment"),
      author: query.text("author"),
      pause: query.flag("pause", true),
      changes: query.all("changes"),
    },
    await jsonBody(ctx, true),
  );
  answerJson(ctx, { Id: id }, 201);
}
