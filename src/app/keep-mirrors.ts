import type { Logger } from "pino";
import type { BlobStore } from "#core/blob-store.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { scheduleMirrors } from "./mirror-schedule.ts";
import type { Upkeep } from "./servers/upkeep-lease.ts";
import type { Settings } from "./settings.ts";

/** A fetch that is under way when the server stops may end for so long, ms. */
const settleFor = 500;

/** Keeps the mirrors warm while the upkeep is ours, with a pull-through service of its own for each round. */
export function keepMirrors(
  { config }: Pick<Settings, "config">,
  metadata: Metadata,
  store: BlobStore,
  upkeep: Upkeep,
  log: Logger,
): AsyncDisposable {
  // Loaded only where there are mirrors.
  const openFill = async () => {
    const { openPullThroughBeside } = await import("./open/open-pull-through.ts");
    return openPullThroughBeside({ config, metadata, store, log, settleFor });
  };
  return scheduleMirrors({ metadata, openFill, clock: () => metadata.now(), upkeep, log });
}
