import { isAdmin } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import { endWithRights, logMessages } from "./log-messages.ts";
import type { WebNeeds } from "./needs.ts";
import type { WebRequest, WebRoute } from "./web-request.ts";

const one = "/api/v1/containers/{id}";

/** Containers of this machine's engine, for admins: who starts one is root there. */
export const containerRoutes: readonly WebRoute[] = [
  {
    method: "GET",
    path: "/api/v1/containers",
    name: "container-views",
    handle: async (request) => ({ items: await engineOf(request).list() }),
  },
  {
    method: "GET",
    path: `${one}/logs`,
    name: "container-log-stream",
    async handle(request) {
      const { needs, id, leaving } = request;
      const engine = engineOf(request);
      using rights = endWithRights(request);
      const signal = AbortSignal.any([leaving, needs.stopping, rights.signal]);
      return await request.stream(logMessages(await engine.logs(id, signal), signal));
    },
  },
  {
    method: "POST",
    path: `${one}/start`,
    name: "container-view-start",
    handle: async (request) => void (await engineOf(request).start(request.id)),
  },
  {
    method: "POST",
    path: `${one}/stop`,
    name: "container-view-stop",
    handle: async (request) => void (await engineOf(request).stop(request.id)),
  },
];

function engineOf({ needs, caller }: WebRequest): NonNullable<WebNeeds["containers"]> {
  if (!isAdmin(caller)) throw new AppError("denied", `${caller.name} may not see containers: an admin may`);
  if (needs.containers !== undefined) return needs.containers;
  throw new AppError("engine-missing", "no engine runs beside this registry: see engine.enabled");
}
