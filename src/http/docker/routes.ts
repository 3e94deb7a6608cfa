import { attachRoutes } from "./handle-attach.ts";
import { containerRoutes } from "./handle-containers.ts";
import { eventRoutes } from "./handle-events.ts";
import { execRoutes } from "./handle-exec.ts";
import { fileRoutes } from "./handle-files.ts";
import { imageRoutes } from "./handle-images.ts";
import { logRoutes } from "./handle-logs.ts";
import { networkRoutes } from "./handle-networks.ts";
import { statsRoutes } from "./handle-stats.ts";
import { systemRoutes } from "./handle-system.ts";
import { transferRoutes } from "./handle-transfers.ts";
import { volumeRoutes } from "./handle-volumes.ts";
import { waitRoutes } from "./handle-wait.ts";
import type { DockerRoute } from "./request.ts";

/** The Docker Engine API, each path also behind `/v1.24` to `/v1.47`. */
export const routes: readonly DockerRoute[] = [
  ...systemRoutes,
  ...eventRoutes,
  ...containerRoutes,
  ...attachRoutes,
  ...waitRoutes,
  ...logRoutes,
  ...statsRoutes,
  ...fileRoutes,
  ...execRoutes,
  ...imageRoutes,
  ...transferRoutes,
  ...networkRoutes,
  ...volumeRoutes,
];
