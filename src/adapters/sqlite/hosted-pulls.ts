import type { HostedPulls } from "#core/metadata/hosted-pulls.ts";
import type { Mutate } from "./access.ts";

/** Pulls of one transaction. */
const pullsAtOnce = 100;

/** Pulls of hosted manifests of the seam: mutations as data. */
export function sqliteHostedPulls(mutate: Mutate): HostedPulls {
  return {
    async note(pulls) {
      for (let i = 0; i < pulls.length; i += pullsAtOnce)
        await mutate("noteHostedPulls", { pulls: pulls.slice(i, i + pullsAtOnce) });
    },
  };
}
