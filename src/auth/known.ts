import type { Caller } from "#core/caller.ts";
import type { Authenticated } from "./authenticated.ts";

/** Who a credential belongs to, before it is known from where it came. */
export type Known = Omit<Caller, "address" | "request">;

/** Somebody who brought his secret itself: no token narrows him, only what the secret was made for. */
export function knownBySecret({ identity, limits }: Authenticated): Known {
  return { ...identity, grants: undefined, limits };
}
