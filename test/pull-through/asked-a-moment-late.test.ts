import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { openPullThrough } from "#app/open/open-pull-through.ts";
import type { FetchRelay } from "#core/fetch-relay.ts";
import { live } from "#core/live.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { freshBytes } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { upstreamItem } from "./cache.ts";

test("who asks for a fetch that ended a moment before gets what is here, and nobody asks the upstream", async () => {
  await using upstream = await startFaultyUpstream();
  using folder = tempFolder();
  const config = {
    ...defaultConfig(folder.path),
    upstreams: [upstreamItem({ name: "docker.io", url: upstream.url })],
  };
  const store = await createDiskStore({ path: config.storage.disk.path });
  await using metadata = await openSqliteMetadata({
    path: folder.file("berth.db"),
    migrationsDir: migrations,
  });
  const asked = Promise.withResolvers<Parameters<FetchRelay["answer"]>[0]>();
  const relay: FetchRelay = { follow: () => Promise.resolve(undefined), answer: asked.resolve };
  const log = pino({ level: "silent" });
  await using pulled = await openPullThrough({ config: live(config), metadata, store, log, relay });
  const repository = "docker.io/library/busybox" as RepositoryName;
  const digest = upstream.addBlob("library/busybox", freshBytes(300_000)) as Digest;
  assert.equal(await pulled.fill.blob(repository, digest, () => undefined), "fetched");
  upstream.forget();
  await (
    await asked.promise
  )({ repository, digest }).done;
  assert.equal(upstream.count(), 0);
});
