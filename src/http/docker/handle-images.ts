import { answerJson, answerNothing } from "./answer.ts";
import { imageDetails } from "./render/image-details.ts";
import { imageSummary } from "./render/image-summary.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const imageRoutes: readonly DockerRoute[] = [
  { method: "GET", path: "/images/json", name: "image-list", handle: list },
  { method: "GET", path: "/images/search", name: "image-search", handle: search },
  { method: "GET", path: "/images/{name}/json", name: "image-inspect", handle: inspect },
  { method: "GET", path: "/images/{name}/history", name: "image-history", handle: history },
  { method: "POST", path: "/images/{name}/tag", name: "image-tag", handle: tag },
  { method: "POST", path: "/images/prune", name: "image-prune", handle: prune },
  { method: "DELETE", path: "/images/{name}", name: "image-delete", handle: remove },
];

async function list({ ctx, needs, query, api }: DockerRequest): Promise<void> {
  const filters = new Map(query.filters());
  // Its older form.
  const reference = query.text("filter");
  if (api < 41 && reference !== "")
    filters.set("reference", [...(filters.get("reference") ?? []), reference]);
  const listed = await needs.images.list({
    all: query.flag("all"),
    filters,
    sharedSize: query.flag("shared-size"),
  });
  answerJson(
    ctx,
    listed.map((one) => imageSummary(one, api)),
  );
}

async function search({ ctx, needs, query }: DockerRequest): Promise<void> {
  const found = await needs.images.search(query.text("term"), query.integer("limit") ?? 25, query.filters());
  answerJson(
    ctx,
    found.map(({ name, description, stars, official }) => ({
      star_count: stars,
      is_official: official,
      name,
      is_automated: false,
      description,
    })),
  );
}

async function inspect({ ctx, needs, ref, api }: DockerRequest): Promise<void> {
  answerJson(ctx, imageDetails(await needs.images.inspect(ref), api));
}

async function history({ ctx, needs, ref }: DockerRequest): Promise<void> {
  const steps = await needs.images.history(ref);
  answerJson(
    ctx,
    steps.map(({ id, created, created_by = "", comment = "", size, tags }) => ({
      Comment: comment,
      Created: created === undefined ? 0 : Math.trunc(Date.parse(created) / 1000) || 0,
      CreatedBy: created_by,
      Id: id,
      Size: size,
      Tags: tags.length === 0 ? null : tags,
    })),
  );
}

async function tag({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  await needs.images.tag(ref, query.text("repo"), query.text("tag"));
  answerNothing(ctx, 201);
}

async function prune({ ctx, needs, query }: DockerRequest): Promise<void> {
  const { removed, reclaimed } = await needs.images.prune(query.filters());
  answerJson(ctx, { ImagesDeleted: removed.length === 0 ? null : removed, SpaceReclaimed: reclaimed });
}

async function remove({ ctx, needs, ref, query }: DockerRequest): Promise<void> {
  answerJson(
    ctx,
    await needs.images.remove(ref, { force: query.flag("force"), prune: !query.flag("noprune") }),
  );
}
