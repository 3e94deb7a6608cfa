import { isAdmin } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import { liveMessages } from "./live-messages.ts";
import type { WebRoute } from "./web-request.ts";

/** How the house is kept. */
export const houseRoutes: readonly WebRoute[] = [
  {
    method: "GET",
    path: "/api/v1/usage",
    name: "usage",
    handle: ({ needs, caller, leaving }) => needs.house.usage(caller, leaving),
  },
  {
    method: "GET",
    path: "/api/v1/upstreams",
    name: "upstream-list",
    handle: async ({ needs, caller }) => ({ items: await needs.house.upstreams(caller) }),
  },
  {
    method: "GET",
    path: "/api/v1/activity",
    name: "activity",
    handle: ({ needs, caller }) => needs.house.activity(caller),
  },
  {
    method: "GET",
    path: "/api/v1/health",
    name: "health",
    handle: ({ needs, caller }) => needs.house.health(caller),
  },
  {
    method: "POST",
    path: "/api/v1/gc",
    name: "garbage-collect",
    body: true,
    async handle({ needs, caller, fields, leaving }) {
      const dryRun = fields.flag("dry_run") ?? false;
      fields.end();
      if (!isAdmin(caller))
        throw new AppError("denied", `${caller.name} may not collect garbage: an admin may`);
      if (dryRun) return needs.garbage.preview(AbortSignal.any([leaving, needs.stopping]));
      await needs.garbage.begin();
      return undefined;
    },
  },
  {
    method: "GET",
    path: "/api/v1/live",
    name: "live",
    async handle(request) {
      const signal = AbortSignal.any([request.leaving, request.needs.stopping]);
      return request.stream(liveMessages(request, signal));
    },
  },
];
