import type { AuditActor } from "#core/audit.ts";
import type { Action, Caller } from "#core/caller.ts";
import type { Context } from "#http/edge/context.ts";
import type { Fields } from "#http/edge/fields.ts";
import type { Asking } from "#http/edge/api-callers.ts";
import type { Route } from "#http/edge/route.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { WebNeeds } from "./needs.ts";

/** One matched request of the page's API. */
export interface WebRequest extends Pick<Asking, "session"> {
  ctx: Context;
  needs: WebNeeds;
  caller: Caller;
  query: URLSearchParams;
  /** The path's parameter `{id}`, decoded. */
  id: string;
  /** The JSON object of the body; without fields where the route takes no body. */
  fields: Fields;
  /** Throws unauthenticated, denied unless the caller may do one of these there; says who is behind it. */
  permit(repository: RepositoryName, actions: readonly Action[]): AuditActor;
  /** Answers with an event stream. Throws busy. */
  stream(messages: AsyncIterable<string>): Promise<"answered">;
  /** Aborted when the client has left. */
  leaving: AbortSignal;
}

export interface WebRoute extends Route {
  /** Whether it takes a body. */
  body?: true;
  /** `origin`: it only looks at where the request comes from; who asks isn't known yet. */
  asks?: "origin";
  /** Gives what is answered as JSON; undefined: 204; "answered": it has answered itself. */
  handle(request: WebRequest): Promise<object | "answered" | undefined>;
}
