import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Config, ListenAddress } from "#config/config.ts";
import { drainable } from "#http/edge/drain.ts";
import { listen, type Listener } from "#http/edge/listen.ts";
import { openTls } from "#http/edge/tls.ts";

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface ServedAddresses extends AsyncDisposable {
  /** Where it really listens: the registry, the mirrors in the order of `upstreams`, the metrics. */
  urls: string[];
  /** Reads certificate and key again now; they are looked at every few seconds anyway. */
  reloadTls(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Listens on `config.listen` with `registry`, on the mirrors' addresses with `mirror` and on `config.metrics.listen`
 * with `metrics`; disposing drains.
 * Throws unavailable when an address or the certificate can't be used.
 */
export async function serveAddresses(
  config: Pick<Config, "listen" | "metrics" | "tls" | "limits" | "upstreams">,
  log: Logger,
  handlers: { registry: Handle; metrics: Handle; mirror(upstream: string): Handle },
): Promise<ServedAddresses> {
  await using parts = new AsyncDisposableStack();
  const { limits } = config;
  const tls = config.tls && parts.use(await openTls(config.tls, log));
  // Added first, so drained last: whoever watches sees the registry end.
  const metrics = await serve(config.metrics.listen, handlers.metrics);
  const registry = await serve(config.listen, handlers.registry);
  const mirrors: string[] = [];
  for (const { name, mirror_listen } of config.upstreams)
    if (mirror_listen.length > 0) mirrors.push(...(await serve(mirror_listen, handlers.mirror(name))));
  const running = parts.move();
  return {
    urls: [...registry, ...mirrors, ...metrics],
    reloadTls: async () => tls?.reload(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };

  async function serve(addresses: readonly ListenAddress[], handle: Handle): Promise<string[]> {
    const { handler, drain } = drainable(handle);
    const listeners: Listener[] = [];
    parts.defer(() => drain(listeners, limits.drain_timeout));
    for (const address of addresses)
      listeners.push(await listen(address, handler, limits, address.plain === true ? undefined : tls));
    return listeners.map(({ url }) => url);
  }
}
