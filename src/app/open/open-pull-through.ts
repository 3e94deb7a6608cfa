/**
 * The pull-through service put together, for a serving process, for the keeper's mirrors and for verbs of the command
 * line alike.
 */
import type { Logger } from "pino";
import { followFetches } from "#adapters/fetch-relay/fetch-relay.ts";
import type { Config } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { FetchRelay } from "#core/fetch-relay.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Source } from "#core/source.ts";
import type { Fill } from "#pull-through/fill.ts";
import { createPullThrough } from "#pull-through/pull-through.ts";
import { createPulls } from "#pull-through/pulls.ts";
import { createShadowPush } from "#pull-through/shadow-push.ts";
import { createUpstreamLinks, type Upstreams } from "#pull-through/upstream-link.ts";
import { createIngest } from "#registry/ingest.ts";
import { createLocalSource } from "../local-source.ts";
import { openUpstreamClients } from "../upstreams/upstream-clients.ts";
import { openSpool } from "./open-spool.ts";

export interface PullThroughOpening {
  config: Live<Config>;
  metadata: Metadata;
  store: BlobStore;
  log: Logger;
  /** Undefined: this process fetches by itself. */
  relay?: FetchRelay | undefined;
  /** Of how many processes this is one; an upstream's rate is shared among them. */
  processes?: number;
  /** How long fetches that run at the end may go on, ms. */
  settleFor?: number;
}

/** As `openPullThrough`, for a process beside the workers of a server, whose fetches it follows. */
export async function openPullThroughBeside(
  opening: Omit<PullThroughOpening, "relay">,
): Promise<OpenPullThrough> {
  const { data, workers } = opening.config.current;
  if (workers < 2) return openPullThrough(opening);
  const relay = followFetches({ folder: data, slots: workers });
  const opened = await openPullThrough({ ...opening, relay });
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      relay[Symbol.dispose]();
    },
  };
}

export interface OpenPullThrough extends AsyncDisposable {
  /** The registry's own content alone. */
  local: ReturnType<typeof createLocalSource>;
  source: Source;
  upstreamOnly: Source;
  fill: Fill;
  /** Makes a push under an upstream's name find the blobs that the upstream has. */
  shadowPush: ReturnType<typeof createShadowPush>;
  upstreams: Live<Upstreams>;
  /** Why this process leaves the upstream alone at this moment; undefined: it doesn't. */
  faultOf(upstream: string): string | undefined;
}

/** Fetches that run when the server stops may end for so long, ms; then they are broken off. */
const standardSettleFor = 1_000;

/** Files of fetches that nobody wrote to for so long are nobody's, ms. */
const strayAfter = 24 * 3_600_000;

export async function openPullThrough(opening: PullThroughOpening): Promise<OpenPullThrough> {
  const { config, metadata, store, log, relay, processes = 1, settleFor = standardSettleFor } = opening;
  const { repositories, cached } = metadata;
  const clock = () => metadata.now();
  const stopping = new AbortController();
  await using opened = new AsyncDisposableStack();
  const spool = await openSpool(config.current, store);
  // What servers that were killed left; a fetch that lives writes more often.
  spool
    .sweep(Date.now() - strayAfter)
    .catch((err: unknown) => log.warn({ err }, "files of fetches that ended can't be removed"));
  const clients = opened.use(
    await openUpstreamClients(config, processes, log, (name, allowance) => {
      links.weatherOf(name).manifests.allow(allowance);
    }),
  );
  const links = createUpstreamLinks(clients, clock);
  const pulls = opened.use(
    createPulls({
      cached,
      clock,
      onFailed: (err) =>
        log.warn({ err }, "when cached content was pulled can't be written; it is tried again"),
    }),
  );
  const { verify_reads: verifyReads } = config.current.storage;
  const grace = () => config.current.gc.grace;
  const { garbage } = metadata;
  const local = createLocalSource({ store, repositories, garbage, clock, grace, verifyReads });
  const ingest = createIngest({ spool, store, repositories, clock });
  const pullThrough = createPullThrough({
    upstreams: clients,
    links,
    local,
    ingest,
    spool,
    cached,
    repositories,
    relay,
    clock,
    pulls,
    manifestLimit: () => config.current.limits.manifest_size,
    report: (err, what) => log.warn({ err }, what),
    signal: stopping.signal,
  });
  opened.defer(async () => {
    const late = setTimeout(() => stopping.abort(), settleFor);
    await pullThrough.settle();
    clearTimeout(late);
    stopping.abort();
  });
  const running = opened.move();
  return {
    ...pullThrough,
    shadowPush: createShadowPush({ map: clients, fill: pullThrough.fill, ingest }),
    local,
    upstreams: clients,
    faultOf(name) {
      const { manifests, blobs } = links.weatherOf(name);
      return manifests.fault() ?? blobs.fault();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
