import type { NetworkRecord } from "#core/engine/network.ts";
import type { Networking } from "#core/engine/networking.ts";

/** Which bridges are up; one that failed is tried again by who needs it next. */
export function createRaisedNetworks(networking: Networking) {
  const up = new Map<string, Promise<void>>();
  return {
    /** At once where it is up already. */
    raise(network: NetworkRecord): Promise<void> {
      const before = up.get(network.id);
      if (before) return before;
      const raising = networking.raise(network);
      up.set(network.id, raising);
      raising.catch(() => up.delete(network.id));
      return raising;
    },
    async lower(network: NetworkRecord): Promise<void> {
      await up.get(network.id)?.catch(() => undefined);
      up.delete(network.id);
      await networking.lower(network);
    },
  };
}

export type RaisedNetworks = ReturnType<typeof createRaisedNetworks>;
