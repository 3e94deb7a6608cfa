import type { Caller } from "#core/caller.ts";

/** Who a credential belongs to, before it is known from where it came. */
export type Known = Omit<Caller, "address" | "request">;
