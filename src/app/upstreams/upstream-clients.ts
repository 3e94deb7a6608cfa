/**
 * The upstreams that the configuration names, each with its client: made anew where its item changed, the others go
 * on. The client's code is loaded with the first upstream.
 */
import { readFileSync } from "node:fs";
import type { Logger } from "pino";
import type { Config, UpstreamConfig } from "#config/config.ts";
import type { Live } from "#core/live.ts";
import type { Upstream, UpstreamAllowance } from "#core/upstream.ts";
import type { Upstreams } from "#pull-through/upstream-link.ts";
import { createUpstreamMap } from "#pull-through/upstream-map.ts";
import { upstreamCredentials } from "./upstream-credentials.ts";

export interface UpstreamClients extends Live<Upstreams>, AsyncDisposable {}

interface Made {
  item: UpstreamConfig;
  client: Upstream & AsyncDisposable;
}

const none: Upstreams = { map: createUpstreamMap([]), client: () => undefined };

/**
 * @param share how much of an upstream's rate this process may use: one of how many processes.
 * @param allowed told what an upstream said of how much may still be asked.
 */
export async function openUpstreamClients(
  config: Live<Pick<Config, "upstreams">>,
  share: number,
  log: Logger,
  allowed: (name: string, allowance: UpstreamAllowance) => void,
): Promise<UpstreamClients> {
  let made = new Map<string, Made>();
  let items: readonly UpstreamConfig[] = [];
  let current = none;
  let create = config.current.upstreams.length > 0 ? await loaded() : undefined;
  let loading: Promise<unknown> | undefined;

  function make(item: UpstreamConfig): Made | undefined {
    try {
      const { requests, concurrent } = item.rate;
      const client = create?.({
        ...item,
        ca: item.ca === undefined ? undefined : readFileSync(item.ca, "utf8"),
        credentials: upstreamCredentials(item),
        rate: {
          requests: requests === undefined ? undefined : requests / share,
          concurrent: Math.max(1, Math.ceil(concurrent / share)),
        },
        userAgent: "berth",
        onAllowance: (allowance) => allowed(item.name, allowance),
      });
      return client && { item, client };
    } catch (err) {
      log.error({ err, upstream: item.name }, "the upstream can't be used as it is configured");
      return undefined;
    }
  }

  function renew(next: readonly UpstreamConfig[]): void {
    if (next.length > 0 && create === undefined) {
      loading ??= loaded().then((found) => {
        create = found;
        renew(config.current.upstreams);
      });
      return;
    }
    items = next;
    const before = made;
    made = new Map();
    for (const item of next) {
      const old = before.get(item.name);
      const one = old !== undefined && JSON.stringify(old.item) === JSON.stringify(item) ? old : make(item);
      if (one !== undefined) made.set(item.name, one);
    }
    for (const [name, old] of before)
      if (made.get(name) !== old)
        void Promise.resolve(old.client[Symbol.asyncDispose]()).catch(() => undefined);
    const clients = made;
    current = { map: createUpstreamMap(next), client: (name) => clients.get(name)?.client };
  }

  renew(config.current.upstreams);
  return {
    get current() {
      if (config.current.upstreams !== items) renew(config.current.upstreams);
      return current;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...made.values()].map(({ client }) => client[Symbol.asyncDispose]()));
    },
  };
}

async function loaded() {
  const { createUpstream } = await import("#adapters/upstream-http/create-upstream.ts");
  return createUpstream;
}
