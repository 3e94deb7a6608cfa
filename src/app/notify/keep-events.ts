import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import { scheduleEventDrop } from "./drop-events.ts";
import { sendWebhooks } from "./send-webhooks.ts";

/** What one server does for the outbox of all: it tells webhooks, and drops what is old. */
export async function keepEvents(
  config: Live<Config>,
  metadata: Pick<Metadata, "outbox" | "webhooks" | "now">,
  upkeep: Upkeep,
  log: Logger,
): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  parts.use(scheduleEventDrop(config, metadata, upkeep, log));
  parts.use(await sendWebhooks(config, metadata, upkeep, log));
  return parts.move();
}
