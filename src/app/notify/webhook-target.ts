import { hostname } from "node:os";
import type { Config, WebhookConfig } from "#config/config.ts";
import { uuid } from "#kit/uuid.ts";
import { messageOf } from "#notify/webhooks/message.ts";
import type { Delivery } from "#notify/webhooks/sequence.ts";
import type { EventSource, WebhookEvent } from "#notify/webhooks/webhook-event.ts";
import { packageVersion } from "../package-version.ts";
import { readUpstreamCa } from "../upstreams/upstream-ca.ts";
import { webhookKey } from "./webhook-files.ts";

export interface WebhookTarget extends AsyncDisposable {
  /** Signs and posts events as one message. Rejects only with the signal's reason. */
  deliver(events: readonly WebhookEvent[], signal: AbortSignal): Promise<Delivery>;
}

/** Where the events of this server come from. */
export function eventSource({ external_url, listen }: Config): EventSource {
  const port = listen[0]?.port ?? 0;
  return {
    externalUrl: external_url,
    address: port === 0 ? hostname() : `${hostname()}:${port}`,
    instance: uuid(),
  };
}

/** A configured webhook's target. Its code is loaded, and its files are read, with the first message. */
export function openWebhookTarget(webhook: WebhookConfig, source: EventSource): WebhookTarget {
  const { name, url, format, headers, timeout } = webhook;
  const key = webhookKey(webhook);
  let opening: ReturnType<typeof open> | undefined;

  async function open() {
    const { createPoster } = await import("#adapters/webhook/poster.ts");
    const { signatureHeaders } = await import("#adapters/webhook/sign.ts");
    const poster = createPoster({ url, ca: readUpstreamCa(webhook), timeout });
    return { poster, signatureHeaders, agent: `berth/${await packageVersion()}` };
  }

  return {
    async deliver(events, signal) {
      try {
        opening ??= open();
        const { poster, signatureHeaders, agent } = await opening.catch((error: unknown) => {
          opening = undefined;
          throw error;
        });
        const { id, contentType, body } = messageOf(format, events, source);
        const signedWith = await key();
        const post = {
          body,
          headers: {
            ...headers,
            "user-agent": agent,
            "content-type": contentType,
            "x-berth-webhook": name,
            "x-berth-delivery": id,
            ...(signedWith === undefined ? {} : signatureHeaders(signedWith, body, Date.now())),
          },
        };
        const answer = await poster.post(post, signal);
        if (answer.status === undefined) return failed(answer.fault);
        if (answer.status >= 200 && answer.status < 300) return { taken: true };
        return failed(`it answered ${answer.status}`, answer.retryAfter);
      } catch (error) {
        signal.throwIfAborted();
        return failed(error instanceof Error ? error.message : String(error));
      }
    },
    async [Symbol.asyncDispose]() {
      const opened = await opening?.catch(() => undefined);
      await opened?.poster[Symbol.asyncDispose]();
    },
  };
}

function failed(fault: string, retryAfter?: number): Delivery {
  return { taken: false, fault, retryAfter };
}
