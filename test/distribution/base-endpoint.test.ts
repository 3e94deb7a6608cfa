import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, oci, registryClient } from "../harness/registry-client.ts";

test("GET /v2/ says that this is a registry", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  expectStatus(await client.get("/v2/"), 200);
  expectStatus(await client.get("/v2"), 200);
  const head = await client.head("/v2/");
  expectStatus(head, 200);
  assert.equal(head.body.length, 0);
});

for (const path of ["/nope", "/v1/", "/v2/a", "/v2/a/b", "/v2/a/tags", "/v2/a/tags/other", "/v2/a/blobs/"]) {
  test(`an unknown route is 404 with an OCI error body: ${path}`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    expectError(await client.get(path), 404);
  });
}

const digest = "sha256:" + "a".repeat(64);
for (const [method, path, allowed] of [
  ["POST", "/v2/", "GET"],
  ["PUT", "/v2/a/tags/list", "GET"],
  ["POST", "/v2/_catalog", "GET"],
  ["POST", "/v2/a/manifests/latest", "PUT"],
  ["PATCH", `/v2/a/blobs/${digest}`, "DELETE"],
  ["PUT", "/v2/a/blobs/uploads/", "POST"],
  ["DELETE", `/v2/a/referrers/${digest}`, "GET"],
  ["POST", "/livez", "GET"],
  ["DELETE", "/metrics", "GET"],
  ["BREW", "/v2/", undefined],
] as const) {
  test(`a method that a route doesn't know is 405 with Allow: ${method} ${path}`, async (t) => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    // Node's client and parser know no BREW; a registry may refuse it before it routes.
    if (allowed === undefined) {
      const response = await client.raw(`${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      t.diagnostic(`answered ${response.status}`);
      return expectStatus(response, 400, 405, 501);
    }
    const response = await client.request(method, path);
    expectError(response, 405, "UNSUPPORTED");
    const allow = (response.headers.get("allow") ?? "").split(/, */);
    assert.ok(allow.includes(allowed), `Allow: ${allow.join(", ")}`);
    assert.ok(!allow.includes(method));
  });
}

for (const path of [
  "/v2/_catalog",
  "/v2/app/tags/list",
  `/v2/app/referrers/${digest}`,
  "/livez",
  "/readyz",
]) {
  test(`HEAD works where GET does: ${path.slice(0, 24)}`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    await client.push("app", oci.index(), "latest");
    const [get, head] = [await client.get(path), await client.head(path)];
    expectStatus(head, 200);
    assert.deepEqual(head.headers.comparable(), get.headers.comparable());
    assert.equal(head.body.length, 0);
  });
}

test("an HTTP/1.0 request is answered and its connection closed", async () => {
  await using berth = await startBerth();
  expectStatus(await registryClient(berth.url).raw("GET /v2/ HTTP/1.0\r\n\r\n"), 200);
});

test("parameters that the registry doesn't know are ignored", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const index = oci.index();
  await client.push("app", index, "latest");
  for (const query of ["?ns=docker.io", "?x", "?&&=&%zz"]) {
    const get = await client.get(`/v2/app/manifests/latest${query}`);
    expectStatus(get, 200);
    assert.ok(get.body.equals(index.bytes));
  }
});
