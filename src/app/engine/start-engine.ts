import type { Logger } from "pino";
import { createMetrics } from "#adapters/prometheus/metrics.ts";
import type { Config } from "#config/config.ts";
import { live } from "#core/live.ts";
import { createDockerDoor } from "#http/docker/door.ts";
import { drainable } from "#http/edge/drain.ts";
import { createEdge } from "#http/edge/edge.ts";
import { listen, type Listener } from "#http/edge/listen.ts";
import { createOrigins } from "#http/edge/origin.ts";
import { openTls } from "#http/edge/tls.ts";
import { packageVersion } from "../package-version.ts";
import type { RunningServer } from "../single.ts";
import { watchConfig, type ConfigSource } from "../reload.ts";
import { openEngine } from "./open-engine.ts";
import { socketGroup } from "./socket-group.ts";

/** How long requests may go on when the engine stops, ms: those that follow something never end by themselves. */
const drainTime = 1_000;
/** ms; clients keep connections open for long and use them again. */
const keepAlive = 10 * 60_000;

/** Serves the engine on its addresses until disposed; containers go on. Throws AppError when it can't. */
export async function startEngine(
  config: Config,
  log: Logger,
  source?: ConfigSource,
): Promise<RunningServer> {
  await using parts = new AsyncDisposableStack();
  const current = live(config);
  const version = await packageVersion();
  const { needs } = parts.use(await openEngine(current, version, log));
  const meter = parts.use(createMetrics());
  const edge = createEdge({
    log,
    accessLog: config.log.access,
    meter,
    origins: createOrigins(undefined, []),
    doors: [createDockerDoor(needs, { version })],
  });
  const { handler, drain } = drainable(edge.callback());
  const listeners: Listener[] = [];
  parts.defer(() => drain(listeners, drainTime));
  const { listen: addresses, tls: files, group } = config.engine;
  const tls =
    files &&
    parts.use(await openTls({ ...files, client_certificates: "required", min_version: "TLSv1.2" }, log));
  const limits = {
    header_timeout: config.limits.header_timeout,
    keep_alive_timeout: keepAlive,
    hijack: true,
  };
  for (const address of addresses)
    listeners.push(
      "path" in address
        ? await listen({ path: address.path, group: await socketGroup(group) }, handler, limits)
        : await listen(address, handler, limits, tls),
    );
  if (source !== undefined) parts.use(watchConfig(config, source, log, (next) => current.swap(next)));
  const running = parts.move();
  return { urls: listeners.map(({ url }) => url), [Symbol.asyncDispose]: () => running.disposeAsync() };
}
