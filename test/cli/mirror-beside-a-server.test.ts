import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { mirrorLeases } from "#core/metadata/lease-names.ts";
import { openOperatorMetadata } from "#app/open/operator-metadata.ts";
import { startBerth } from "../harness/berth.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { expectStatus, oci, registryClient } from "../harness/registry-client.ts";
import { spawnBerth } from "../harness/process.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { plainUpstream } from "../upstreams/kinds.ts";
import { openMirrorPlace } from "./mirror-place.ts";

interface Listed {
  mirrors: { name: string; synced_at: string | null; fault: string | null }[];
}

test(
  "beside a running server, what was brought is pulled from it with the upstream away",
  plainUpstream.needed,
  async () => {
    await using upstream = await plainUpstream.start();
    const images = [oci.image(), oci.image()];
    await upstream.push("library/app", "v1", images[0] as never);
    await upstream.push("library/app", "v2", images[1] as never);
    const upstreams = JSON.stringify([{ name: "docker.io", url: upstream.url }]);
    await using berth = await startBerth({}, `upstreams: ${upstreams}`);
    using place = openMirrorPlace({ "docker.io": upstream.url }, berth.data);
    assert.match(await place.ok("add", "app", "--tags", "v*"), /the server syncs it within a minute/);
    assert.match(
      await place.ok("sync", "app"),
      /^docker\.io\/library\/app: 2 images, 2 manifests and 4 blobs fetched/,
    );
    assert.match(await place.ok("sync"), /2 images, nothing new, 6 there already/);
    await upstream.stop();
    const client = registryClient(berth.url);
    for (const [i, image] of images.entries()) {
      expectStatus(await client.get(`/v2/docker.io/library/app/manifests/v${i + 1}`), 200);
      for (const { digest } of image.blobs)
        expectStatus(await client.get(`/v2/docker.io/library/app/blobs/${digest}`), 200);
    }
    const { code, stdout } = await place.mirror("sync");
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^docker\.io\/library\/app: 2 images, nothing new; 2 of 2 images failed: .* could not be asked/,
    );
  },
);

test("a mirror that somebody is at isn't begun twice", async () => {
  await using berth = await startBerth({}, `upstreams: [{ name: docker.io, url: "http://127.0.0.1:9" }]`);
  using place = openMirrorPlace({ "docker.io": "http://127.0.0.1:9" }, berth.data);
  await using metadata = await openOperatorMetadata(defaultConfig(berth.data));
  await metadata.leases.take(`${mirrorLeases}docker.io/library/app`, "another", 60_000);
  await place.ok("add", "app");
  const { code, stdout } = await place.mirror("sync");
  assert.equal(code, 1);
  assert.match(
    stdout,
    /app is being synced by a server or by another command just now: wait until it has ended/,
  );
  const { mirrors } = (await place.json("list")) as Listed;
  assert.deepEqual([mirrors[0]?.synced_at, mirrors[0]?.fault], [null, null]);
});

for (const workers of [1, 2]) {
  test(`a server of ${workers} syncs by itself what is due`, plainUpstream.needed, async () => {
    await using upstream = await plainUpstream.start();
    await upstream.push("library/app", "latest", oci.image());
    using place = openMirrorPlace({ "docker.io": upstream.url });
    assert.match(await place.ok("add", "app"), /no server runs on this data folder/);
    const config = { workers, upstreams: [{ name: "docker.io", url: upstream.url }] };
    await using berth = await spawnBerth({ data: place.data, config });
    const end = Date.now() + 20_000;
    let listed: Listed["mirrors"] = [];
    while (typeof listed[0]?.synced_at !== "string" && Date.now() < end) {
      await pause(50);
      listed = ((await place.json("list")) as Listed).mirrors;
    }
    assert.ok(listed[0]?.synced_at, `it never synced: ${berth.logs()}`);
    assert.equal(listed[0].fault, null);
    upstream.front.forget();
    assert.match(await place.ok("sync"), /1 image, nothing new, 3 there already/);
  });
}

test("Ctrl-C ends a round soon, although the upstream says nothing", async () => {
  await using upstream = await startFaultyUpstream();
  upstream.add("library/app", oci.image(), "latest");
  upstream.harm("blob", "silence");
  using place = openMirrorPlace({ "docker.io": upstream.url });
  await place.ok("add", "app");
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const args = ["mirror", "sync", "--config", place.config, "--data", place.data];
  const child = spawn(process.execPath, ["--conditions=berth-src", main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "exit");
  const end = Date.now() + 20_000;
  while (upstream.count("blob") === 0 && Date.now() < end) await pause(20);
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  assert.deepEqual(await ended, [null, "SIGINT"]);
  clearTimeout(late);
  assert.equal(said, "berth: stopped; run it again to go on\n");
  const { mirrors } = (await place.json("list")) as Listed;
  assert.deepEqual([mirrors[0]?.synced_at, mirrors[0]?.fault], [null, null]);
});
