import { AppError } from "#core/errors.ts";
import type { ApiRequest, ApiRoute } from "./api-request.ts";
import { userView } from "./account-views.ts";

const path = "/api/v1/users";
const one = `${path}/{name}`;

async function add({ needs, caller, fields }: ApiRequest) {
  const expiresAt = fields.time("expires_at");
  const user = {
    name: fields.text("name"),
    password: fields.text("password"),
    admin: fields.flag("admin") ?? false,
    expiresAt: expiresAt === "never" ? undefined : expiresAt,
  };
  fields.end();
  return userView(await needs.users.add(caller, user));
}

async function change({ needs, caller, name, fields }: ApiRequest) {
  const [admin, enabled] = [fields.flag("admin"), fields.flag("enabled")];
  const [expiresAt, endTokens] = [fields.time("expires_at"), fields.flag("end_tokens")];
  fields.end();
  const given = {
    ...(admin === undefined ? {} : { admin }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(endTokens === true ? { endTokens } : {}),
  };
  if (Object.keys(given).length === 0)
    throw new AppError("account-invalid", "say what to change: admin, enabled, expires_at, end_tokens");
  return userView(await needs.users.change(caller, name, given));
}

async function passwd({ needs, caller, name, fields }: ApiRequest): Promise<undefined> {
  const [password, current] = [fields.text("password"), fields.optionalText("current")];
  fields.end();
  await needs.users.passwd(caller, name, password, current);
}

export const userRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path,
    name: "user-list",
    handle: async ({ needs, caller, page }) => ({
      users: (await needs.users.list(caller, page)).map(userView),
    }),
  },
  { method: "POST", path, name: "user-add", status: 201, handle: add },
  {
    method: "GET",
    path: one,
    name: "user-get",
    handle: async ({ needs, caller, name }) => userView(await needs.users.get(caller, name)),
  },
  { method: "PATCH", path: one, name: "user-change", handle: change },
  {
    method: "DELETE",
    path: one,
    name: "user-remove",
    handle: async ({ needs, caller, name }) => void (await needs.users.remove(caller, name)),
  },
  { method: "POST", path: `${one}/password`, name: "user-passwd", handle: passwd },
];
