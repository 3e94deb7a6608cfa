import assert from "node:assert/strict";
import { test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, oci, registryClient } from "../harness/registry-client.ts";

const here = { host: "127.0.0.1", port: 0 };

test("with metrics.listen the metrics are there, and nowhere else", async () => {
  await using berth = await startBerth({ metrics: { listen: [here] } });
  const [main = "", inside = ""] = berth.urls;
  assert.equal(berth.urls.length, 2);
  const registry = registryClient(main);
  const watch = registryClient(inside);
  await registry.push("app/web", oci.image(), "latest");
  expectStatus(await registry.get("/metrics"), 404);
  expectStatus(await registry.request("POST", "/metrics"), 404);
  const metrics = await watch.get("/metrics");
  expectStatus(metrics, 200);
  assert.match(metrics.body.toString(), /^berth_repositories 1$/m);
  for (const path of ["/livez", "/readyz"]) {
    expectStatus(await registry.get(path), 200);
    expectStatus(await watch.get(path), 200);
  }
  for (const path of ["/v2/", "/v2/app/web/manifests/latest", "/token", "/api/v1/users", "/"])
    expectStatus(await watch.get(path), 404);
});

test("without metrics.listen they are on the main address", async () => {
  await using berth = await startBerth();
  assert.equal(berth.urls.length, 1);
  expectStatus(await registryClient(berth.url).get("/metrics"), 200);
});

test("several addresses, and several workers that share them", async () => {
  await using berth = await spawnBerth({
    config: { workers: 2, metrics: { listen: ["127.0.0.1:0", "127.0.0.1:0"] } },
  });
  const addresses = JSON.parse(/"addresses":(\[[^\]]*\])/.exec(berth.logs())?.[1] ?? "[]") as string[];
  assert.equal(new Set(addresses).size, 3);
  for (const address of addresses.slice(1)) {
    const client = registryClient(address);
    for (let i = 0; i < 6; i++) expectStatus(await client.get("/metrics"), 200);
    expectStatus(await client.get("/v2/"), 404);
  }
  expectStatus(await registryClient(berth.url).get("/metrics"), 404);
});

test("an address that is taken ends the start in words", async () => {
  await using first = await startBerth();
  const port = Number(new URL(first.url).port);
  await assert.rejects(startBerth({ metrics: { listen: [{ host: "127.0.0.1", port }] } }), {
    code: "unavailable",
  });
});
