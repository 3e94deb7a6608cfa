import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config, NotificationsConfig } from "#config/config.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";
import { whileMine } from "../servers/while-mine.ts";

/** ms */
const every = 10 * 60_000;
/** Rows of one transaction, and the time for others between two, ms. */
const step = 1_000;
const breath = 50;
/** So many times `keep` is waited for a webhook that doesn't take its events. */
const patience = 4;

type Kept = Pick<Metadata, "outbox" | "webhooks" | "now">;

/** Drops old events when the upkeep becomes ours and every ten minutes, a step at a time. */
export function scheduleEventDrop(
  config: Live<Pick<Config, "notifications">>,
  metadata: Kept,
  upkeep: Upkeep,
  log: Logger,
): AsyncDisposable {
  return whileMine(upkeep, every, async (signal) => {
    try {
      const more = () => upkeep.mine() && !signal.aborted;
      await dropEvents(config.current.notifications, metadata, log, more, signal);
    } catch (err) {
      if (!signal.aborted) log.error({ err }, "dropping old events failed; it is tried again");
    }
  });
}

/**
 * Drops events older than `keep`, as far as every webhook has been told of them; and those older than four times that
 * in any case, which the log says. @param more whether to go on after a step
 */
export async function dropEvents(
  { keep, webhooks }: NotificationsConfig,
  { outbox, webhooks: told, now }: Kept,
  log: Logger,
  more: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const time = now();
  const newest = await outbox.newest();
  const behind = (await told.states()).filter(({ name }) => webhooks.some((one) => one.name === name));
  const upTo = behind.reduce((least, state) => Math.min(least, state.told), newest);
  const dropped = await dropAll(time - keep, upTo);
  if (dropped > 0) log.info({ dropped }, "old events dropped");
  if (upTo === newest || !more()) return;
  const untold = await dropAll(time - patience * keep, newest);
  const names = behind.filter((state) => state.told < newest).map(({ name }) => name);
  if (untold > 0)
    log.error(
      { dropped: untold, webhooks: names },
      "events were dropped that webhooks hadn't been told of: their targets take nothing for longer than four " +
        "times notifications.keep",
    );

  async function dropAll(before: number, last: number): Promise<number> {
    let sum = 0;
    for (;;) {
      const went = await outbox.drop(before, last, step);
      sum += went;
      if (went < step || !more()) return sum;
      await pause(breath, undefined, { signal });
    }
  }
}
