/** `berth webhook`: how far targets have been told and what they didn't take, next to a running server or without one. */
import type { Config, WebhookConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { DeadLetter, WebhookState } from "#core/metadata/webhooks.ts";
import type { Delivery } from "#notify/webhooks/sequence.ts";
import { eventSource, openWebhookTarget } from "../notify/webhook-target.ts";
import { openMetadataAsItIs } from "../open/open-metadata.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";

export interface ListedWebhook {
  name: string;
  /** Undefined: it isn't configured any more. */
  webhook: WebhookConfig | undefined;
  /** Undefined: no server has told it of anything yet. */
  state: WebhookState | undefined;
  /** Events after the last that it was told of or that isn't its business; some of them may not be, either. */
  behind: number;
}

/** Which of a webhook's dead letters. */
export type Chosen = number | "all";

/** Dead letters read at a time. */
const page = 20;

/** Those of the configuration, then those that aren't in it any more, each by name. */
export async function listWebhooks(config: Config): Promise<ListedWebhook[]> {
  await using metadata = await openMetadataAsItIs(config);
  const states = (await metadata?.webhooks.states()) ?? [];
  const newest = (await metadata?.outbox.newest()) ?? 0;
  const configured = config.notifications.webhooks;
  const left = states.filter(({ name }) => !configured.some((one) => one.name === name));
  const names = [...configured, ...left].map(({ name }) => name);
  return names.map((name) => {
    const state = states.find((one) => one.name === name);
    const webhook = configured.find((one) => one.name === name);
    return { name, webhook, state, behind: state === undefined ? 0 : Math.max(0, newest - state.told) };
  });
}

/** By age, each as it is read. Throws unsupported where there is none. */
export async function* deadLetters(config: Config, name: string): AsyncGenerator<DeadLetter> {
  await using metadata = await openMetadataAsItIs(config);
  const known =
    config.notifications.webhooks.some((one) => one.name === name) ||
    (await metadata?.webhooks.states())?.some((one) => one.name === name);
  if (known !== true) throw unknown(config, name);
  for (let after = 0; metadata !== undefined;) {
    const letters = await metadata.webhooks.deadLetters(name, after, page);
    yield* letters;
    after = letters.at(-1)?.id ?? after;
    if (letters.length < page) return;
  }
}

/** Sends an event that says nothing, signed like any other. Throws unsupported where there is none, the signal's reason. */
export async function testWebhook(config: Config, name: string, signal: AbortSignal): Promise<Delivery> {
  await using target = openWebhookTarget(configured(config, name), eventSource(config));
  const at = Date.now();
  return await target.deliver([{ id: 0, at, action: "ping", count: 1 }], signal);
}

export interface Replayed {
  id: number;
  events: number;
  /** Undefined: it was taken, and is no dead letter any more. */
  fault: string | undefined;
}

/**
 * Sends dead letters again, oldest first, each as it is now configured; ends after the first that isn't taken. Yields
 * each. Throws unsupported where there is no such thing, the signal's reason.
 */
export async function* replay(
  config: Config,
  name: string,
  chosen: Chosen,
  signal: AbortSignal,
): AsyncGenerator<Replayed> {
  const webhook = configured(config, name);
  await using metadata = await openOperatorMetadata(config);
  await using target = openWebhookTarget(webhook, eventSource(config));
  for await (const { id, events } of choose(metadata.webhooks, name, chosen)) {
    const delivery = await target.deliver(events, signal);
    if (delivery.taken) await metadata.webhooks.buried(id);
    else await metadata.webhooks.stillDead(id, delivery.fault);
    yield { id, events: events.length, fault: delivery.taken ? undefined : delivery.fault };
    if (!delivery.taken) return;
  }
}

/**
 * Drops dead letters. With "all" of a webhook that isn't configured any more everything known of it goes.
 * @returns how many letters went. Throws unsupported where there is no such thing
 */
export async function dropLetters(config: Config, name: string, chosen: Chosen): Promise<number> {
  await using metadata = await openOperatorMetadata(config);
  const { webhooks } = metadata;
  const isConfigured = config.notifications.webhooks.some((one) => one.name === name);
  if (!isConfigured && !(await webhooks.states()).some((state) => state.name === name))
    throw unknown(config, name);
  let dropped = 0;
  for await (const { id } of choose(webhooks, name, chosen)) if (await webhooks.buried(id)) dropped++;
  if (!isConfigured && chosen === "all") await webhooks.forget(name);
  return dropped;
}

type Letters = Awaited<ReturnType<typeof openOperatorMetadata>>["webhooks"];

/** One at a time: each may hold a thousand events. */
async function* choose(webhooks: Letters, name: string, chosen: Chosen): AsyncGenerator<DeadLetter> {
  for (let after = chosen === "all" ? 0 : chosen - 1; ;) {
    const [letter] = await webhooks.deadLetters(name, after, 1);
    if (chosen !== "all" && letter?.id !== chosen)
      throw new AppError("unsupported", `${name} has no dead letter ${chosen}: berth webhook list ${name}`);
    if (letter === undefined) return;
    yield letter;
    after = letter.id;
    if (chosen !== "all") return;
  }
}

function configured(config: Config, name: string): WebhookConfig {
  const webhook = config.notifications.webhooks.find((one) => one.name === name);
  if (webhook === undefined) throw unknown(config, name);
  return webhook;
}

function unknown({ notifications: { webhooks } }: Config, name: string): AppError {
  const there =
    webhooks.length === 0
      ? "there is none: see notifications.webhooks of the configuration"
      : `there are ${webhooks.map((one) => one.name).join(", ")}`;
  return new AppError("unsupported", `${name} is no webhook; ${there}`);
}
