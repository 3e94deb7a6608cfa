import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus, registryClient } from "../harness/registry-client.ts";
import { startBehindNginx, withNginx } from "./behind-nginx.ts";

test("the registry's paths reach Berth, as they were written", withNginx, async () => {
  await using all = await startBehindNginx();
  for (const path of [
    "/v2/",
    "/v2",
    "/token",
    "/token?service=a&scope=repository:a/b:pull",
    "/token/jwks.json",
    "/api/v1/users",
    "/v2/a%2fb/tags/list",
    "/v2/a//b/tags/list",
    "/v2/a/manifests/%2e%2e",
    "/v2/_catalog?n=abc",
  ]) {
    const through = await all.client.get(path);
    const direct = await all.direct.get(path);
    assert.equal(through.status, direct.status, path);
    assert.ok(through.body.equals(direct.body), path);
    assert.ok(through.headers.get("x-request-id"), `${path} was not answered by Berth`);
  }
});

test("what is for operators doesn't", withNginx, async () => {
  await using all = await startBehindNginx();
  for (const path of [
    "/metrics",
    "/livez",
    "/readyz",
    "//metrics",
    "/v2/../metrics",
    "/v2/%2e%2e/metrics",
    "/metrics/../v2/",
    "/",
  ]) {
    const response = await all.client.get(path);
    expectStatus(response, 404);
    assert.doesNotMatch(response.body.toString(), /berth_/, path);
  }
});

test("a large manifest is Berth's to refuse, not nginx'", withNginx, async () => {
  await using all = await startBehindNginx();
  const body = Buffer.alloc(5 * 1024 * 1024, " ");
  const type = "application/vnd.oci.image.manifest.v1+json";
  const response = await all.client.putManifest("team/app", "latest", body, type);
  expectStatus(response, 413);
  assert.match(response.body.toString(), /SIZE_INVALID/);
});

test("while Berth is away clients are told so in their own form", withNginx, async () => {
  await using all = await startBehindNginx();
  const stopped = all.berth[Symbol.asyncDispose]();
  await stopped;
  const response = await all.client.get("/v2/");
  expectStatus(response, 503);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("retry-after"), "5");
  const parsed = JSON.parse(response.body.toString()) as { errors: { code: string }[] };
  assert.equal(parsed.errors[0]?.code, "UNAVAILABLE");
});

test("plain HTTP to nginx' port isn't passed on", withNginx, async () => {
  await using all = await startBehindNginx();
  const response = await registryClient(all.nginx.url.replace("https:", "http:")).get("/v2/");
  expectStatus(response, 400);
  assert.equal(response.headers.get("x-request-id"), undefined);
});
