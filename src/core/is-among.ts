import type { Identity } from "./caller.ts";

/**
 * Whether somebody is one of those whom the configuration names: `user:NAME`, `robot:NAME`, `group:NAME`,
 * `workload:NAME`, `signed-in`, `anonymous` (everybody).
 */
export function isAmong(
  who: ReadonlySet<string>,
  { kind, name, groups }: Pick<Identity, "kind" | "name" | "groups">,
): boolean {
  if (who.has("anonymous")) return true;
  if (kind === "anonymous") return false;
  return (
    who.has("signed-in") || who.has(`${kind}:${name}`) || groups.some((group) => who.has(`group:${group}`))
  );
}
