import type { Caller } from "#core/caller.ts";
import type { WebRequest } from "./web-request.ts";

/** ms between two looks at whether the person may still look on, and as whom. */
export const checkEvery = 5_000;
/** A token or password is looked at again with the connection that follows, after so long at most. */
const longest = 300_000;

/** Who reads a stream, now; undefined: nobody may any more. Looked up every few seconds, however often it is called. */
export function streamReader({ ctx, needs, caller, session }: WebRequest): () => Promise<Caller | undefined> {
  const explicit = ctx.req.headers.authorization !== undefined;
  const began = performance.now();
  let checked = began;
  let reader: Caller | undefined = caller;
  return async () => {
    const now = performance.now();
    if (explicit && now - began > longest) reader = undefined;
    if (session === undefined || reader === undefined || now - checked < checkEvery) return reader;
    checked = now;
    const found = await needs.callers.session(ctx, "unused");
    reader = found && { ...caller, ...found.known };
    return reader;
  };
}
