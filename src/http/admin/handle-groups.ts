import type { ApiRoute } from "./api-request.ts";
import { groupView } from "./account-views.ts";

const path = "/api/v1/groups";
const one = `${path}/{name}`;
const member = `${one}/members/{account}`;

export const groupRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path,
    name: "group-list",
    handle: async ({ needs, caller }) => ({ groups: (await needs.groups.list(caller)).map(groupView) }),
  },
  {
    method: "POST",
    path,
    name: "group-add",
    status: 201,
    handle: async ({ needs, caller, fields }) => {
      const name = fields.text("name");
      fields.end();
      return groupView(await needs.groups.add(caller, name));
    },
  },
  {
    method: "GET",
    path: one,
    name: "group-get",
    handle: async ({ needs, caller, name }) => groupView(await needs.groups.get(caller, name)),
  },
  {
    method: "DELETE",
    path: one,
    name: "group-remove",
    handle: async ({ needs, caller, name }) => void (await needs.groups.remove(caller, name)),
  },
  {
    method: "PUT",
    path: member,
    name: "group-join",
    handle: async ({ needs, caller, name, account }) => void (await needs.groups.join(caller, name, account)),
  },
  {
    method: "DELETE",
    path: member,
    name: "group-leave",
    handle: async ({ needs, caller, name, account }) =>
      void (await needs.groups.leave(caller, name, account)),
  },
];
