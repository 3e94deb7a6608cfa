/**
 * One serving process put together: adapters → services → doors → edge → servers. Everything it needs
 * from other processes comes in as parts (metadata that reaches the writer, the sum of the metrics).
 */
import type { Logger } from "pino";
import type { BlobStore } from "#core/blob-store.ts";
import { createAccess } from "#auth/policy.ts";
import type { AuditReads } from "#core/audit.ts";
import type { FetchRelay } from "#core/fetch-relay.ts";
import { fixed, type Live } from "#core/live.ts";
import type { Meter } from "#core/meter.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Config } from "#config/config.ts";
import { createApiDoor } from "#http/admin/api-door.ts";
import { createAdminDoor } from "#http/admin/door.ts";
import type { AdminNeeds } from "#http/admin/needs.ts";
import { healthRoutes, routes as adminRoutes } from "#http/admin/routes.ts";
import { createDistributionDoor } from "#http/distribution/door.ts";
import type { DistributionNeeds } from "#http/distribution/needs.ts";
import { createApiCallers } from "#http/edge/api-callers.ts";
import { createEdge } from "#http/edge/edge.ts";
import { createGuard } from "#http/edge/guard.ts";
import { createMirrorGuard } from "#http/edge/mirror-guard.ts";
import { createOrigins } from "#http/edge/origin.ts";
import { createTokenDoor } from "#http/token/door.ts";
import { createAnswerCounts } from "#pull-through/count-answers.ts";
import { createLocate, createMirrorLocate } from "#pull-through/locate.ts";
import { createRemovals } from "#pull-through/removals.ts";
import { createAuditReads } from "#notify/audit-reads.ts";
import { createPullNotes } from "#notify/pull-notes.ts";
import { createCatalog } from "#registry/catalog.ts";
import { createLiveUploads } from "#registry/live-uploads.ts";
import { createManifests } from "#registry/manifests.ts";
import { createQuotaGate } from "#registry/quota-gate.ts";
import { createUploads } from "#registry/uploads.ts";
import type { Auth, AuthComposition } from "./auth/auth.ts";
import { keepsAudit } from "./audit/keeps-audit.ts";
import { isGuarded } from "./auth/is-guarded.ts";
import { recentErrorsOf } from "./log.ts";
import { openPullThrough } from "./open/open-pull-through.ts";
import { mirrorHandlers } from "./upstreams/mirror-handlers.ts";
import { createRedirects } from "./redirects.ts";
import { serveAddresses } from "./serve-addresses.ts";
import type { Settings } from "./settings.ts";
import type { ProcessView } from "./web/process-view.ts";

/** Apart, because tsc leaves paths as they are where `await using` stands. */
const loadWeb = () => import("./web/open-web.ts");

export interface AppParts {
  config: Config;
  /** What may change while it serves. */
  settings: Settings;
  metadata: Metadata;
  store: BlobStore;
  meter: Meter;
  log: Logger;
  /** The fetches of the server's other processes; undefined: there are none. */
  relay?: FetchRelay | undefined;
  /** Lines for /readyz that don't make it fail. */
  warnings: Live<readonly string[]>;
  /** Adds up all processes. */
  metrics(): Promise<{ contentType: string; text: string }>;
  /** What each process of the server knows alone; undefined: there is this one. */
  processes?: (() => Promise<ProcessView[]>) | undefined;
}

export interface App extends AsyncDisposable {
  /** Where it really listens, e.g. `http://127.0.0.1:5000`; the addresses of the metrics come last. */
  urls: string[];
  /** Reads the TLS files now; they are looked at every few seconds anyway. */
  reloadTls(): Promise<void>;
  /** What this process knows alone. */
  view(): ProcessView;
  /**
   * Stops taking connections, lets running requests end for up to limits.drain_timeout, then breaks
   * them off; what they received stays resumable.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves on every address of the config. Throws unavailable when one can't be listened on. */
export async function startApp(parts: AppParts): Promise<App> {
  const { config, settings, metadata, store, meter, log, metrics } = parts;
  const { repositories } = metadata;
  const clock = () => metadata.now();
  const { limits } = config;
  const origins = createOrigins(config.external_url, config.trusted_proxies);
  const access = createAccess(settings.policy);
  await using opened = new AsyncDisposableStack();
  const reads = auditReads(parts);
  if (reads !== undefined) opened.use(reads);
  const auth = await guarded({ config, settings, metadata, access, reads, log });
  if (auth !== undefined) opened.use(auth);
  const guard = createGuard({ auth: auth?.guard, access, origins, audit: reads !== undefined, reads });
  const concurrent_uploads = Math.max(1, Math.ceil(limits.concurrent_uploads / config.workers));
  const pulled = opened.use(
    await openPullThrough({
      config: settings.config,
      metadata,
      store,
      log,
      relay: parts.relay,
      processes: config.workers,
    }),
  );
  const { missingReferences } = settings;
  const { usage } = metadata;
  const quotas = createQuotaGate({ quotas: settings.quotas, usage, repositories, clock });
  const pushed = createManifests({ repositories, missingReferences, access, clock, quotas });
  const removals = createRemovals({
    map: pulled.upstreams,
    repositories,
    local: { manifests: pushed, blobs: pulled.local.blobs },
    clock,
  });
  const answers = createAnswerCounts();
  const sources = {
    map: pulled.upstreams,
    source: answers.counting(pulled.source),
    upstreamOnly: answers.counting(pulled.upstreamOnly),
  };
  const receiving = createLiveUploads(clock);
  const uploads = createUploads({ store, repositories, uploads: metadata.uploads, access, clock, quotas });
  const needs: DistributionNeeds = {
    locate: createLocate({ ...sources, self: hostOf(config.external_url) }),
    blobs: removals.blobs,
    manifests: { put: pulled.shadowPush(pushed.put), remove: removals.manifests.remove },
    catalog: createCatalog(repositories, access),
    uploads: receiving.watching(uploads),
    guard,
    reads,
    pulls: opened.use(notesOfPulls(parts)),
    origin: (request) => origins.of(request),
    xAccel: (request) =>
      origins.fromTrustedProxy(request) ? config.storage.disk.x_accel_redirect : undefined,
    redirect: createRedirects(
      config.storage.stores.includes("s3") ? config.storage.s3?.redirect : undefined,
      (request) => origins.client(request),
    ),
    limits: fixed({ ...limits, concurrent_uploads }),
  };
  const distribution = createDistributionDoor(needs);
  const forAdmins: AdminNeeds = {
    async ready() {
      await Promise.all([metadata.check(), store.check()]);
    },
    warnings: () => parts.warnings.current,
    metrics,
    mayReadMetrics: (ctx) => guard.readsMetrics(ctx),
  };
  const outside =
    config.metrics.listen.length > 0 ? adminRoutes.filter(({ path }) => path !== "/metrics") : adminRoutes;
  // Who reaches an address that is for metrics alone may read them.
  const inside = { ...forAdmins, mayReadMetrics: () => Promise.resolve() };
  const edge = { log, accessLog: config.log.access, meter, origins };
  const doors = [distribution, createAdminDoor(forAdmins, outside)];
  if (auth?.tokens !== undefined)
    doors.push(
      createTokenDoor({
        tokens: auth.tokens,
        service: auth.guard.service,
        client: (request) => origins.client(request),
        bodyIdle: limits.body_idle_timeout,
      }),
    );
  const sessions = config.web.enabled ? auth?.pageSessions : undefined;
  const open = auth === undefined;
  const callers = createApiCallers({ guard, origins, open, externalUrl: config.external_url, sessions });
  const view = () => ({ uploads: receiving.now(), cache: answers.now(), errors: recentErrorsOf(log) });
  const stopping = new AbortController();
  if (config.web.enabled) {
    const { openWeb } = await loadWeb();
    const web = opened.use(
      await openWeb({
        ...parts,
        ...pulled,
        ...needs,
        ...forAdmins,
        warnings: parts.warnings,
        processes: parts.processes ?? (() => Promise.resolve([view()])),
        access,
        callers,
        origins,
        sessions,
        auth: open ? "open" : sessions === undefined ? "elsewhere" : "password",
        blobs: pulled.local.blobs,
        put: needs.manifests.put,
        removals,
        mayBePushed: (repository) => void needs.locate({ repository, ns: undefined, does: "push" }),
        stopping: stopping.signal,
      }),
    );
    doors.push(web.door);
  }
  if (auth?.management !== undefined)
    doors.push(createApiDoor({ ...auth.management, identify: (ctx) => callers.identifyPerson(ctx) }));
  const registry = createEdge({ ...edge, doors });
  const mirrorGuard = createMirrorGuard({ guarded: auth !== undefined, access, origins, reads });
  const mirrors = mirrorHandlers(settings.config, (upstream) =>
    createEdge({
      ...edge,
      doors: [
        createDistributionDoor({
          ...needs,
          guard: mirrorGuard,
          locate: createMirrorLocate(sources, upstream),
          catalog: { list: () => Promise.resolve({ items: [], more: false }) },
        }),
        createAdminDoor(inside, healthRoutes),
      ],
    }).callback(),
  );
  const watched = createEdge({ ...edge, doors: [createAdminDoor(inside, healthRoutes)] });
  const served = opened.use(
    await serveAddresses(config, log, {
      registry: mirrors.byHost(registry.callback()),
      metrics: watched.callback(),
      mirror: mirrors.of,
    }),
  );
  // First of all: the drain would wait for whoever looks at what goes on.
  opened.defer(() => stopping.abort());
  const running = opened.move();
  return {
    view,
    urls: served.urls,
    reloadTls: () => served.reloadTls(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function guarded(parts: AuthComposition): Promise<Auth | undefined> {
  if (!isGuarded(parts.config)) return undefined;
  const { createAuth } = await import("./auth/auth.ts");
  return createAuth(parts);
}

/** Where auth is on (or audit asked for), what only is gathered for the audit log. */
function auditReads({ config, metadata, log }: AppParts): (AuditReads & AsyncDisposable) | undefined {
  if (!keepsAudit(config)) return undefined;
  return createAuditReads({
    log: metadata.audit,
    clock: Date.now,
    keepReads: config.audit.reads,
    onLost: (entries) => log.warn({ entries }, "too much happens at once: audit lines of reads were lost"),
    onFailed: (err) => log.error({ err }, "audit lines of reads can't be written; they are tried again"),
  });
}

/** Of manifests, for their last pulls and for webhooks that want to hear of pulls. */
function notesOfPulls({ settings, metadata, log }: AppParts): ReturnType<typeof createPullNotes> {
  return createPullNotes({
    ...metadata,
    clock: () => metadata.now(),
    events: () =>
      settings.config.current.notifications.webhooks.some(({ events }) => events.includes("pull")),
    onLost: (pulls) => log.warn({ pulls }, "too much happens at once: pulls went uncounted"),
    onFailed: (err) => log.error({ err }, "pulls can't be written; they are tried again"),
  });
}

/** The host that clients know the registry by; containerd sends it as `ns` when it means the registry itself. */
function hostOf(externalUrl: string | undefined): string | undefined {
  return externalUrl === undefined ? undefined : new URL(externalUrl).host.toLowerCase();
}
