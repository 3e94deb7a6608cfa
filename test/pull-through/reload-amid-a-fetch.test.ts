import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { openPullThrough } from "#app/open/open-pull-through.ts";
import { live } from "#core/live.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { upstreamItem } from "./cache.ts";
import { until } from "./until.ts";

test("a blob goes on when its upstream's configuration changes amid the fetch", async () => {
  await using upstream = await startFaultyUpstream();
  using folder = tempFolder();
  const standard = defaultConfig(folder.path);
  const store = await createDiskStore({ path: standard.storage.disk.path });
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const config = (ttl: number) => ({
    ...standard,
    upstreams: [upstreamItem({ name: "docker.io", url: upstream.url, ttl })],
  });
  const configs = live(config(1));
  await using pulled = await openPullThrough({
    config: configs,
    metadata,
    store,
    log: pino({ level: "silent" }),
  });
  const bytes = freshBytes(2_000_000);
  const digest = upstream.addBlob("library/busybox", bytes) as Digest;
  const gate = Promise.withResolvers<void>();
  upstream.harm("blob", { holdAt: 1_000_000, until: gate.promise }, 1);
  let came = 0;
  const name = "docker.io/library/busybox" as RepositoryName;
  const fetched = pulled.fill.blob(name, digest, (more) => (came += more));
  await until(() => came >= 900_000);
  configs.swap(config(2));
  assert.equal(pulled.upstreams.current.map.namespace("docker.io")?.ttl, 2);
  assert.equal(await fetched, "fetched");
  gate.resolve();
  assert.equal(came, bytes.length);
  assert.ok(upstream.requests.some(({ headers }) => headers.range !== undefined));
});
