import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, oci, registryClient } from "../harness/registry-client.ts";
import { everyPage, nextPage, tagsOf } from "./pages.ts";

async function tagged(url: string, tags: string[], repo = "app/web") {
  const client = registryClient(url);
  const index = oci.index();
  await client.push(repo, index);
  for (const tag of tags) await client.putManifest(repo, tag, index.bytes, index.mediaType);
  return client;
}

test("the tags of a repository are listed bytewise in order under its name", async () => {
  await using berth = await startBerth();
  const client = await tagged(berth.url, ["b", "a", "B", "_x", "1", "10", "2", "a.b", "a-b"]);
  const response = await client.get("/v2/app/web/tags/list");
  expectStatus(response, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("content-length"), String(response.body.length));
  assert.deepEqual(JSON.parse(response.body.toString()), {
    name: "app/web",
    tags: ["1", "10", "2", "B", "_x", "a", "a-b", "a.b", "b"],
  });
  assert.equal(nextPage(client, response), undefined);
});

test("a repository without tags has an empty list, not null", async () => {
  await using berth = await startBerth();
  const client = await tagged(berth.url, []);
  const response = await client.get("/v2/app/web/tags/list");
  expectStatus(response, 200);
  assert.deepEqual(JSON.parse(response.body.toString()), { name: "app/web", tags: [] });
});

test("the tags of an unknown repository are NAME_UNKNOWN", async () => {
  await using berth = await startBerth();
  const client = await tagged(berth.url, ["a"]);
  expectError(await client.get("/v2/app/tags/list"), 404, "NAME_UNKNOWN");
  expectError(await client.get("/v2/app/web/more/tags/list"), 404, "NAME_UNKNOWN");
});

test("n limits a page, and Link leads to the next until the last has none", async () => {
  await using berth = await startBerth();
  const all = Array.from({ length: 23 }, (_, i) => `v${String(i).padStart(2, "0")}`);
  const client = await tagged(berth.url, all);
  for (const n of [1, 5, 22, 23, 24]) {
    const pages = (await everyPage(client, `/v2/app/web/tags/list?n=${n}`)).map(tagsOf);
    assert.deepEqual(pages.flat(), all);
    assert.equal(pages.length, Math.ceil(all.length / n));
    for (const page of pages.slice(0, -1)) assert.equal(page.length, n);
  }
});

test("last starts after that tag, with and without n", async () => {
  await using berth = await startBerth();
  const client = await tagged(berth.url, ["a", "b", "c", "d"]);
  assert.deepEqual(tagsOf(await client.get("/v2/app/web/tags/list?last=b")), ["c", "d"]);
  assert.deepEqual(tagsOf(await client.get("/v2/app/web/tags/list?last=a&n=2")), ["b", "c"]);
  assert.deepEqual(tagsOf(await client.get("/v2/app/web/tags/list?n=9&last=c")), ["d"]);
  const end = await client.get("/v2/app/web/tags/list?last=d");
  assert.deepEqual(tagsOf(end), []);
  assert.equal(nextPage(client, end), undefined);
});

test("a tag that was deleted or moved stands in the list as it is", async () => {
  await using berth = await startBerth();
  const client = await tagged(berth.url, ["a", "b"]);
  const other = oci.image();
  await client.push("app/web", other, "a");
  expectStatus(await client.remove("/v2/app/web/manifests/b"), 202);
  assert.deepEqual(tagsOf(await client.get("/v2/app/web/tags/list")), ["a"]);
});

test("a repository's tags are its own", async () => {
  await using berth = await startBerth();
  const client = await tagged(berth.url, ["outer"], "app");
  await tagged(berth.url, ["inner"], "app/tags");
  assert.deepEqual(tagsOf(await client.get("/v2/app/tags/list")), ["outer"]);
  assert.deepEqual(tagsOf(await client.get("/v2/app/tags/tags/list")), ["inner"]);
});
