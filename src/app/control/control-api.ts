/** What the control socket answers: the accounts' API, to an operator. */
import type { RequestListener } from "node:http";
import type { Logger } from "pino";
import { createAccountManagement } from "#auth/accounts.ts";
import type { Caller } from "#core/caller.ts";
import { createApiDoor } from "#http/admin/api-door.ts";
import type { ApiNeeds } from "#http/admin/api-needs.ts";
import { createEdge } from "#http/edge/edge.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { createOrigins } from "#http/edge/origin.ts";
import type { Accounts } from "#core/metadata/accounts.ts";

const operator: Omit<Caller, "request"> = {
  kind: "operator",
  id: undefined,
  name: "operator",
  admin: true,
  groups: [],
  rights: [],
  grants: undefined,
  limits: undefined,
  address: "",
};

/** Whoever gets to the socket may use the data folder's files, and so may do everything. */
export function createControlApi(accounts: Accounts, log: Logger): RequestListener {
  const management = createAccountManagement({
    accounts,
    clock: Date.now,
    // Nobody is himself here: the operator sets passwords without saying the old ones.
    proves: () => Promise.resolve(false),
  });
  const identify: ApiNeeds["identify"] = (ctx) =>
    Promise.resolve({ ...operator, request: exchangeOf(ctx).id });
  const edge = createEdge({
    log,
    accessLog: false,
    meter: { request: () => undefined },
    origins: createOrigins(undefined, []),
    doors: [createApiDoor({ ...management, identify })],
  });
  const handle = edge.callback();
  return (request, response) => void handle(request, response);
}
