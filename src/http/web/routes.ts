import { browseRoutes } from "./handle-browse.ts";
import { changeRoutes } from "./handle-changes.ts";
import { containerRoutes } from "./handle-containers.ts";
import { houseRoutes } from "./handle-house.ts";
import { sessionRoutes } from "./handle-session.ts";
import type { WebRoute } from "./web-request.ts";

/** The page's API. The page itself is page.ts. */
export const webRoutes: readonly WebRoute[] = [
  ...sessionRoutes,
  ...browseRoutes,
  ...changeRoutes,
  ...houseRoutes,
  ...containerRoutes,
];
