import assert from "node:assert/strict";
import { test } from "node:test";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { startBerth } from "../harness/berth.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus } from "../harness/registry-response.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { startTarget, until } from "./target.ts";

const repository = "team/app" as RepositoryName;

for (const workers of [1, 2])
  test(`pulls are counted over ${workers} workers, the last when the server stops; HEAD is none`, async () => {
    const berth = await spawnBerth({ config: { workers } });
    const client = registryClient(berth.url);
    const counted = async () => {
      await using metadata = await openOperatorMetadata(defaultConfig(berth.data));
      const [tag] = await metadata.tagRoom.facts(repository, { limit: 1, last: undefined });
      return tag?.pulls ?? 0;
    };
    try {
      const image = oci.image();
      await client.push(repository, image, "v1");
      for (const reference of ["v1", image.digest])
        expectStatus(await client.request("HEAD", `/v2/${repository}/manifests/${reference}`), 200);
      expectStatus(await client.get(`/v2/${repository}/manifests/v1`), 200);
      await until(async () => (await counted()) > 0, "the first is written soon");
      for (let i = 0; i < 9; i++)
        expectStatus(await client.get(`/v2/${repository}/manifests/${i % 2 ? "v1" : image.digest}`), 200);
      assert.equal(await berth.kill("SIGTERM"), 0);
      assert.equal(await counted(), 10);
    } finally {
      await berth.stop();
    }
  });

test("what comes from an upstream is told as fill and pull, also at a mirror's address; not its blobs", async () => {
  await using upstream = await startFaultyUpstream();
  await using target = await startTarget();
  const image = oci.image();
  upstream.add("library/busybox", image, "latest");
  const config = {
    upstreams: [{ name: "docker.io", url: upstream.url, mirror_listen: "127.0.0.1:0" }],
    notifications: { webhooks: [{ name: "ci", url: target.url, events: ["push", "fill", "pull"] }] },
  };
  await using berth = await startBerth({}, JSON.stringify(config));
  const mirror = registryClient(berth.urls[1] ?? "");
  for (let i = 0; i < 3; i++) expectStatus(await mirror.get("/v2/library/busybox/manifests/latest"), 200);
  const layer = image.blobs[0]?.digest ?? "";
  expectStatus(await mirror.get(`/v2/library/busybox/blobs/${layer}`), 200);
  await until(() => target.events().length >= 2, "both are told");
  const [fill, pull, ...more] = target.events();
  const about = { repository: "docker.io/library/busybox", tag: "latest", digest: image.digest };
  for (const [event, action] of [
    [fill, "fill"],
    [pull, "pull"],
  ] as const) {
    const { repository: name, tag, digest } = event?.target ?? {};
    assert.deepEqual([event?.action, { repository: name, tag, digest }], [action, about]);
  }
  assert.deepEqual(more, []);
});
