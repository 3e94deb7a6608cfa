/**
 * The upstreams that the configuration names, each with its client: made anew where its item changed, the others go
 * on. The client's code is loaded with the first upstream.
 */
import type { Logger } from "pino";
import type { Config, UpstreamConfig } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { Upstream, UpstreamAllowance } from "#core/upstream.ts";
import type { Upstreams } from "#pull-through/upstream-link.ts";
import { createUpstreamMap } from "#pull-through/upstream-map.ts";
import { readUpstreamCa } from "./upstream-ca.ts";
import { upstreamCredentials } from "./upstream-credentials.ts";

export interface UpstreamClients extends Live<Upstreams>, AsyncDisposable {}

interface Made {
  item: UpstreamConfig;
  /** Or why there can be none. */
  client: (Upstream & AsyncDisposable) | AppError;
}

/** A configuration that was read again is looked at after so long at the latest, ms, though nobody pulls. */
const lookEvery = 2_000;

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

  function clientOf(item: UpstreamConfig, create: CreateUpstream): Made["client"] {
    try {
      const { requests, concurrent } = item.rate;
      return create({
        ...item,
        ca: readUpstreamCa(item),
        credentials: upstreamCredentials(item),
        rate: {
          requests: requests === undefined ? undefined : requests / share,
          concurrent: Math.max(1, Math.ceil(concurrent / share)),
        },
        userAgent: "berth",
        onAllowance: (allowance) => allowed(item.name, allowance),
      });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const fault = new AppError("upstream-failed", `upstream ${item.name} can't be used: ${why}`, {
        subject: item.name,
        cause,
      });
      log.error(fault.message);
      return fault;
    }
  }

  function renew(next: readonly UpstreamConfig[]): void {
    if (next.length > 0 && create === undefined) {
      loading ??= loaded()
        .then((found) => {
          create = found;
          renew(config.current.upstreams);
        })
        .catch((err: unknown) => {
          // The next request tries again.
          loading = undefined;
          log.error({ err }, "the upstreams can't be used: their code can't be loaded");
        });
      return;
    }
    items = next;
    const creating = create;
    const before = made;
    made = new Map();
    for (const item of next) {
      const old = before.get(item.name);
      const same = old !== undefined && JSON.stringify(old.item) === JSON.stringify(item);
      if (same && !(old.client instanceof AppError)) made.set(item.name, old);
      else if (creating !== undefined) {
        const client = clientOf(item, creating);
        // What worked goes on until what is configured works, too.
        const usable = !(client instanceof AppError) || old === undefined;
        made.set(item.name, usable ? { item, client } : old);
      }
    }
    for (const [name, old] of before) if (made.get(name) !== old) void end(old);
    const clients = made;
    current = {
      map: createUpstreamMap(next),
      client(name) {
        const client = clients.get(name)?.client;
        if (client instanceof AppError) throw client;
        return client;
      },
    };
  }

  function look(): Upstreams {
    if (config.current.upstreams !== items) renew(config.current.upstreams);
    return current;
  }

  renew(config.current.upstreams);
  const timer = setInterval(look, lookEvery);
  timer.unref();
  return {
    get current() {
      return look();
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all([...made.values()].map(end));
    },
  };
}

async function end({ client }: Made): Promise<void> {
  if (client instanceof AppError) return;
  try {
    await client[Symbol.asyncDispose]();
  } catch {
    // Its connections are gone either way.
  }
}

type CreateUpstream = Awaited<ReturnType<typeof loaded>>;

async function loaded() {
  const { createUpstream } = await import("#adapters/upstream-http/create-upstream.ts");
  return createUpstream;
}
