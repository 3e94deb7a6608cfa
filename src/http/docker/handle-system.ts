import { answerJson } from "./answer.ts";
import { newest } from "./api-version.ts";
import { credentialsIn } from "./registry-auth.ts";
import { jsonBody } from "./json-body.ts";
import { diskUsageView } from "./render/disk-usage.ts";
import { infoView } from "./render/info-view.ts";
import { versionView } from "./render/version-view.ts";
import type { DockerRequest, DockerRoute } from "./request.ts";

export const systemRoutes: readonly DockerRoute[] = [
  { method: "HEAD", path: "/_ping", name: "ping-head", handle: ping },
  { method: "GET", path: "/_ping", name: "ping", handle: ping },
  { method: "GET", path: "/version", name: "version", handle: version },
  { method: "GET", path: "/info", name: "info", handle: info },
  { method: "GET", path: "/system/df", name: "disk-usage", handle: diskUsage },
  { method: "POST", path: "/auth", name: "sign-in", handle: signIn },
  { method: "POST", path: "/build/prune", name: "build-prune", handle: buildPrune },
  { method: "GET", path: "/plugins", name: "plugin-list", handle: plugins },
];

/** What the CLI begins with. Its headers beside these are on every answer. */
async function ping({ ctx }: DockerRequest): Promise<void> {
  ctx.set({
    // The classic build, which is told what to use instead; BuildKit's would fail without words.
    "Builder-Version": "1",
    Swarm: "inactive",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    Pragma: "no-cache",
    "Content-Type": "text/plain; charset=utf-8",
  });
  ctx.status = 200;
  ctx.body = ctx.method === "HEAD" ? "" : "OK";
}

async function version({ ctx, needs }: DockerRequest): Promise<void> {
  answerJson(ctx, versionView(await needs.system.info(), newest));
}

async function info({ ctx, needs }: DockerRequest): Promise<void> {
  answerJson(ctx, infoView(await needs.system.info(), new Date()));
}

async function diskUsage({ ctx, needs, query, api }: DockerRequest): Promise<void> {
  const types = query.all("type");
  answerJson(ctx, diskUsageView(await needs.system.diskUsage(), { types, api, now: Date.now() }));
}

async function signIn({ ctx, needs }: DockerRequest): Promise<void> {
  const { identityToken } = await needs.images.signIn(credentialsIn(await jsonBody(ctx)));
  answerJson(ctx, { IdentityToken: identityToken, Status: "Login Succeeded" });
}

/** There is no build cache, and `docker system prune` ends with it. */
async function buildPrune({ ctx }: DockerRequest): Promise<void> {
  answerJson(ctx, { CachesDeleted: null, SpaceReclaimed: 0 });
}

async function plugins({ ctx }: DockerRequest): Promise<void> {
  answerJson(ctx, []);
}
