import type { ApiRequest, ApiRoute } from "./api-request.ts";
import { tokenView } from "./account-views.ts";

const path = "/api/v1/users/{name}/tokens";

async function add({ needs, caller, name, fields }: ApiRequest) {
  const given = {
    label: fields.text("label"),
    limits: fields.rights("limits"),
    expiresAt: fields.time("expires_at"),
  };
  fields.end();
  const { token, secret } = await needs.tokens.add(caller, name, given);
  return { ...tokenView(token), secret };
}

export const tokenRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path,
    name: "token-list",
    handle: async ({ needs, caller, name }) => ({
      tokens: (await needs.tokens.list(caller, name)).map(tokenView),
    }),
  },
  { method: "POST", path, name: "token-add", status: 201, handle: add },
  {
    method: "DELETE",
    path: "/api/v1/tokens/{id}",
    name: "token-remove",
    handle: async ({ needs, caller, name: id }) =>
      // What is no number is no token's id.
      void (await needs.tokens.remove(caller, /^\d{1,15}$/.test(id) ? Number(id) : -1)),
  },
];
