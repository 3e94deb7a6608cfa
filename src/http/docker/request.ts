import type { Context } from "#http/edge/context.ts";
import type { Route } from "#http/edge/route.ts";
import type { DockerNeeds } from "./needs.ts";
import type { Query } from "./query.ts";

/** One matched request of the Docker Engine API. */
export interface DockerRequest {
  ctx: Context;
  needs: DockerNeeds;
  /** The path's one parameter, decoded; "" where there is none. */
  ref: string;
  query: Query;
  /** Minor version asked for: 47 is 1.47. */
  api: number;
}

export interface DockerRoute extends Route {
  handle(request: DockerRequest): Promise<void>;
}
