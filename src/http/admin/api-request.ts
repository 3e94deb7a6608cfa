import type { Caller } from "#core/caller.ts";
import type { Page } from "#core/metadata/repositories.ts";
import type { Fields } from "#http/edge/fields.ts";
import type { Route } from "#http/edge/route.ts";
import type { ApiNeeds } from "./api-needs.ts";

/** One matched request of the accounts' API. */
export interface ApiRequest {
  needs: ApiNeeds;
  caller: Caller;
  /** The path's parameter `{name}` (or `{id}`), decoded. */
  name: string;
  /** The path's parameter `{account}`, decoded. */
  account: string;
  /** The JSON object of the body; without fields where the route takes no body. */
  fields: Fields;
  page: Page;
}

export interface ApiRoute extends Route {
  /** Of the answer; 200 by default, 204 where the handler gives nothing. */
  status?: 201;
  /** Gives what is answered as JSON, or undefined. */
  handle(request: ApiRequest): Promise<object | undefined>;
}
