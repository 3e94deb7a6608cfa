import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { registryClient } from "../harness/registry-client.ts";

test("the client's X-Request-Id comes back", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const response = await client.get("/v2/", { "x-request-id": "build-42.a_b" });
  assert.equal(response.headers.get("x-request-id"), "build-42.a_b");
});

test("without one, each answer gets an X-Request-Id of its own, errors too", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const seen = new Set<string>();
  for (const path of ["/v2/", "/v2/", "/v2/a/manifests/missing", "/nope", "/livez"]) {
    const id = (await client.get(path)).headers.get("x-request-id");
    assert.ok(id, path);
    seen.add(id);
  }
  assert.equal(seen.size, 5);
});

test("an X-Request-Id that could forge a log line or is endless is replaced", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  for (const id of ['a"} {"level":50', "x".repeat(5_000)]) {
    const answered = (await client.get("/v2/", { "x-request-id": id })).headers.get("x-request-id");
    assert.ok(answered);
    assert.notEqual(answered, id);
    assert.ok(answered.length <= 200);
  }
});
