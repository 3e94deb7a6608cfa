import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { createMetrics } from "#adapters/prometheus/metrics.ts";
import type { S3StoreParts } from "#adapters/s3/s3-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { startApp } from "#app/app.ts";
import { createSettings } from "#app/settings.ts";
import { migrationsFolder } from "#app/open/storage.ts";
import { createAccess } from "#auth/policy.ts";
import { live } from "#core/live.ts";
import { createUploads, type Uploads } from "#registry/uploads.ts";
import { storeIn } from "../adapters/s3/s3-bucket.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";
import { bucketContent } from "./bucket-content.ts";
import type { Rgw } from "./rgw.ts";

/** A whole Berth in this process, on a bucket of its own, that waits for S3 no longer than a test wants. */
export interface ImpatientBerth extends AsyncDisposable {
  client: RegistryClient;
  bucket: string;
  /** For purging at once, where the schedule would take its time. */
  uploads: Uploads;
  /** Everything in the bucket, past any proxy. */
  content(): ReturnType<typeof bucketContent>;
}

/** @param more of how the store reaches the bucket: endpoint, patience. */
export async function startImpatientBerth(rgw: Rgw, more: Partial<S3StoreParts>): Promise<ImpatientBerth> {
  await using stack = new AsyncDisposableStack();
  const data = await mkdtemp(join(tmpdir(), "berth-impatient-"));
  stack.defer(() => rm(data, { recursive: true, force: true }));
  const config = defaultConfig(data);
  const settings = createSettings(config);
  const path = join(data, "berth.db");
  const metadata = stack.use(await openSqliteMetadata({ path, migrationsDir: migrationsFolder }));
  const { store, bucket } = await storeIn(rgw, more);
  const meter = stack.use(createMetrics());
  const log = pino({ level: "silent" });
  const warnings = live<readonly string[]>([]);
  const metrics = () => Promise.resolve({ contentType: "text/plain", text: "" });
  const app = stack.use(await startApp({ config, settings, metadata, store, meter, log, warnings, metrics }));
  const { repositories, uploads } = metadata;
  const access = createAccess(settings.policy);
  const started = stack.move();
  return {
    client: registryClient(app.urls[0] ?? ""),
    bucket,
    uploads: createUploads({ store, repositories, uploads, access, clock: Date.now }),
    content: () => bucketContent(rgw.client, bucket),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
