/**
 * One serving process put together: adapters → services → doors → edge → servers. Everything it needs
 * from other processes comes in as parts (metadata that reaches the writer, the sum of the metrics).
 */
import type { Server } from "node:http";
import type { Logger } from "pino";
import type { BlobStore } from "#core/blob-store.ts";
import { fixed } from "#core/live.ts";
import type { Meter } from "#core/meter.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Config } from "#config/config.ts";
import { createAdminDoor } from "#http/admin/door.ts";
import { createDistributionDoor } from "#http/distribution/door.ts";
import { createEdge } from "#http/edge/edge.ts";
import { drainable } from "#http/edge/drain.ts";
import { listen } from "#http/edge/listen.ts";
import { createOrigins } from "#http/edge/origin.ts";
import { createBlobs } from "#registry/blobs.ts";
import { createCatalog } from "#registry/catalog.ts";
import { createManifests } from "#registry/manifests.ts";
import { createReferrers } from "#registry/referrers.ts";
import { createTags } from "#registry/tags.ts";
import { createUploads } from "#registry/uploads.ts";
import { missingReferencesRule } from "./missing-references-rule.ts";

export interface AppParts {
  config: Config;
  metadata: Metadata;
  store: BlobStore;
  meter: Meter;
  log: Logger;
  /** Adds up all processes. */
  metrics(): Promise<{ contentType: string; text: string }>;
}

export interface App extends AsyncDisposable {
  /** Where it really listens, e.g. `http://127.0.0.1:5000`. */
  urls: string[];
  /**
   * Stops taking connections, lets running requests end for up to limits.drain_timeout, then breaks
   * them off; what they received stays resumable.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves on every address of the config. Throws unavailable when one can't be listened on. */
export async function startApp({ config, metadata, store, meter, log, metrics }: AppParts): Promise<App> {
  const { repositories } = metadata;
  const clock = Date.now;
  const { limits } = config;
  const origins = createOrigins(config.external_url, config.trusted_proxies);
  const concurrent_uploads = Math.max(1, Math.ceil(limits.concurrent_uploads / config.workers));
  const distribution = createDistributionDoor({
    blobs: createBlobs({ store, repositories, clock, verifyReads: config.storage.disk.verify_reads }),
    manifests: createManifests({
      repositories,
      missingReferences: fixed(missingReferencesRule(config.policy.missing_references)),
      clock,
    }),
    tags: createTags(repositories),
    catalog: createCatalog(repositories),
    referrers: createReferrers(repositories),
    uploads: createUploads({ store, repositories, uploads: metadata.uploads, clock }),
    origin: (request) => origins.of(request),
    limits: fixed({ ...limits, concurrent_uploads }),
  });
  const admin = createAdminDoor({
    async ready() {
      await Promise.all([metadata.check(), store.check()]);
    },
    metrics,
  });
  const edge = createEdge({
    log,
    accessLog: config.log.access,
    meter,
    origins,
    doors: [distribution, admin],
  });
  const { handler, drain } = drainable(edge.callback());

  const servers: Server[] = [];
  const urls: string[] = [];
  const stop = () => drain(servers, limits.drain_timeout);
  try {
    for (const address of config.listen) {
      const { server, url } = await listen(address, handler, limits);
      servers.push(server);
      urls.push(url);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { urls, [Symbol.asyncDispose]: stop };
}
