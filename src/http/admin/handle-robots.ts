import { AppError } from "#core/errors.ts";
import type { ApiRequest, ApiRoute } from "./api-request.ts";
import { robotView } from "./account-views.ts";

const path = "/api/v1/robots";
const one = `${path}/{name}`;

async function add({ needs, caller, fields }: ApiRequest) {
  const given = {
    name: fields.text("name"),
    rights: fields.rights("rights") ?? [],
    expiresAt: fields.time("expires_at"),
  };
  fields.end();
  const { robot, secret } = await needs.robots.add(caller, given);
  return { ...robotView(robot), secret };
}

async function change({ needs, caller, name, fields }: ApiRequest) {
  const enabled = fields.flag("enabled");
  const rights = fields.rights("rights");
  const expiresAt = fields.time("expires_at");
  fields.end();
  const given = {
    ...(enabled === undefined ? {} : { enabled }),
    ...(rights === undefined ? {} : { rights }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  if (Object.keys(given).length === 0)
    throw new AppError("account-invalid", "say what to change: enabled, rights, expires_at");
  return robotView(await needs.robots.change(caller, name, given));
}

export const robotRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path,
    name: "robot-list",
    handle: async ({ needs, caller, page }) => ({
      robots: (await needs.robots.list(caller, page)).map(robotView),
    }),
  },
  { method: "POST", path, name: "robot-add", status: 201, handle: add },
  {
    method: "GET",
    path: one,
    name: "robot-get",
    handle: async ({ needs, caller, name }) => robotView(await needs.robots.get(caller, name)),
  },
  { method: "PATCH", path: one, name: "robot-change", handle: change },
  {
    method: "DELETE",
    path: one,
    name: "robot-remove",
    handle: async ({ needs, caller, name }) => void (await needs.robots.remove(caller, name)),
  },
  {
    method: "POST",
    path: `${one}/secret`,
    name: "robot-secret",
    status: 201,
    handle: async ({ needs, caller, name, fields }) => {
      fields.end();
      return { name, secret: await needs.robots.renewSecret(caller, name) };
    },
  },
];
