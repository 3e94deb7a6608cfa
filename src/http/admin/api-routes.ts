import type { ApiRoute } from "./api-request.ts";
import { groupRoutes } from "./handle-groups.ts";
import { robotRoutes } from "./handle-robots.ts";
import { tokenRoutes } from "./handle-tokens.ts";
import { userRoutes } from "./handle-users.ts";

/** The API of accounts: for admins, for users about themselves, for the command line. */
export const apiRoutes: readonly ApiRoute[] = [...userRoutes, ...robotRoutes, ...groupRoutes, ...tokenRoutes];
