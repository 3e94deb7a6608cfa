import type { Servers } from "#core/metadata/servers.ts";
import type { Mutate } from "./access.ts";

/** Servers of the seam: all of it is the writer's. */
export function sqliteServers(mutate: Mutate): Servers {
  return {
    report: ({ id, name, rules }, ttl) => mutate("reportServer", { server: { id, name, rules }, ttl }),
    leave: (id) => mutate("forgetServer", { id }),
  };
}
