import type { Logger } from "pino";
import { createFetchRelay } from "#adapters/fetch-relay/fetch-relay.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { FetchRelay } from "#core/fetch-relay.ts";

/** The way to the other workers' fetches; undefined where there can be none, and each fetches by itself. */
export async function openRelay(
  { data, workers }: Config,
  slot: number,
  log: Logger,
): Promise<(FetchRelay & AsyncDisposable) | undefined> {
  if (workers < 2) return undefined;
  try {
    return await createFetchRelay({ folder: data, slot, slots: workers });
  } catch (error) {
    if (!(error instanceof AppError && error.code === "unavailable")) throw error;
    log.warn({ err: error }, "each worker fetches from upstreams by itself");
    return undefined;
  }
}
