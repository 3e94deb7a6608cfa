import { setTimeout as timer } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config, WebhookConfig } from "#config/config.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { triesWithin } from "#notify/webhooks/back-off.ts";
import { tellInSequence, type SequenceParts } from "#notify/webhooks/sequence.ts";
import { wants } from "#notify/webhooks/wants.ts";
import type { Turn } from "../servers/turn.ts";
import { createNews, type News } from "./news.ts";
import { eventSource, openWebhookTarget } from "./webhook-target.ts";

type Sent = Pick<Metadata, "outbox" | "webhooks" | "now">;

interface Running {
  webhook: WebhookConfig;
  stop: AbortController;
  ended: Promise<void>;
}

/** How often the configuration is looked at, ms. */
const lookEvery = 1_000;

/**
 * Tells every configured webhook of events, each in a sequence of its own, while it is our turn. A webhook that is new
 * is told of what happens from now on: resolves when that is written down.
 */
export async function sendWebhooks(
  config: Live<Config>,
  metadata: Sent,
  turn: Turn,
  log: Logger,
): Promise<AsyncDisposable> {
  const source = eventSource(config.current);
  const news = createNews(metadata.outbox);
  const running = new Map<string, Running>();
  let seen: readonly WebhookConfig[] | undefined;

  function start(webhook: WebhookConfig, before: Running | undefined): void {
    const stop = new AbortController();
    const work = async () => {
      await before?.ended;
      await using target = openWebhookTarget(webhook, source);
      const { deliver } = target;
      const parts = { ...partsOf(webhook, metadata, turn, news, log), deliver };
      await tellInSequence(parts, before !== undefined, stop.signal);
    };
    const ended = work().catch((err: unknown) => {
      if (!stop.signal.aborted) log.error({ err, webhook: webhook.name }, "a webhook isn't told any more");
    });
    running.set(webhook.name, { webhook, stop, ended });
  }

  function look(): void {
    const { webhooks } = config.current.notifications;
    if (webhooks === seen) return;
    seen = webhooks;
    for (const [name, { webhook, stop }] of running) {
      const next = webhooks.find((one) => one.name === name);
      if (JSON.stringify(next) !== JSON.stringify(webhook)) stop.abort();
    }
    for (const webhook of webhooks) {
      const before = running.get(webhook.name);
      if (before === undefined || before.stop.signal.aborted) start(webhook, before);
    }
  }

  const first = config.current.notifications.webhooks;
  if (first.length > 0) {
    const newest = await metadata.outbox.newest();
    for (const { name } of first) await metadata.webhooks.begin(name, newest, metadata.now());
  }
  look();
  const looking = setInterval(look, lookEvery);
  looking.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(looking);
      for (const { stop } of running.values()) stop.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
      news[Symbol.dispose]();
    },
  };
}

function partsOf(
  webhook: WebhookConfig,
  { outbox, webhooks, now }: Sent,
  turn: Turn,
  news: News,
  log: Logger,
): Omit<SequenceParts, "deliver"> {
  const { name, batch, retry_for, max_failures = Infinity } = webhook;
  const about = { webhook: name };
  return {
    ...{ name, batch, outbox, webhooks },
    wants: wants(webhook),
    tries: Math.min(triesWithin(retry_for), max_failures),
    clock: () => now(),
    mine: () => turn.mine(),
    news: (after, signal) => news.after(after, signal),
    pause: (ms, signal) =>
      ms <= 0 ? Promise.resolve() : timer(ms, undefined, { signal, ref: false }).catch(() => undefined),
    tell: {
      failing: (fault) =>
        log.warn({ ...about, fault }, `the webhook ${name} can't be told: ${fault}; it is tried again`),
      recovered: () => log.info(about, `the webhook ${name} is told again`),
      died: (events, fault) =>
        log.error(
          { ...about, events, fault },
          `the webhook ${name} didn't take ${events} events: ${fault}. They wait: berth webhook replay ${name} --all`,
        ),
      broken: (err) =>
        log.error({ ...about, err }, "how far a webhook has been told can't be read or written"),
    },
  };
}
