import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { everyPage, nextPage, repositoriesOf } from "./pages.ts";

async function filled(url: string, names: string[]) {
  const client = registryClient(url);
  for (const name of names) await client.push(name, oci.index(), "latest");
  return client;
}

test("an empty registry has an empty catalog", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const response = await client.get("/v2/_catalog");
  expectStatus(response, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.deepEqual(JSON.parse(response.body.toString()), { repositories: [] });
});

test("the catalog lists repositories bytewise, in pages by n, last and Link", async () => {
  await using berth = await startBerth();
  const client = await filled(berth.url, ["b", "a/z", "a", "a-b", "a/b/c", "0", "c"]);
  const all = ["0", "a", "a-b", "a/b/c", "a/z", "b", "c"];
  assert.deepEqual(repositoriesOf(await client.get("/v2/_catalog")), all);
  for (const n of [1, 3, 7, 8]) {
    const pages = (await everyPage(client, `/v2/_catalog?n=${n}`)).map(repositoriesOf);
    assert.deepEqual(pages.flat(), all);
    assert.equal(pages.length, Math.ceil(all.length / n));
  }
  assert.deepEqual(repositoriesOf(await client.get("/v2/_catalog?last=a%2Fb%2Fc&n=2")), ["a/z", "b"]);
  assert.deepEqual(repositoriesOf(await client.get("/v2/_catalog?last=c")), []);
  const none = await client.get("/v2/_catalog?n=0");
  assert.deepEqual(repositoriesOf(none), []);
  assert.equal(nextPage(client, none), undefined);
});

test("a repository that holds only blobs or open uploads isn't in the catalog", async () => {
  await using berth = await startBerth();
  const client = await filled(berth.url, ["real"]);
  await client.pushBlob(freshBytes(), { repo: "only/blobs" });
  await client.startUpload("only/uploads");
  assert.deepEqual(repositoriesOf(await client.get("/v2/_catalog")), ["real"]);
});

test("a repository leaves the catalog with its last manifest", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("app", image, "latest");
  expectStatus(await client.remove("/v2/app/manifests/latest"), 202);
  assert.deepEqual(repositoriesOf(await client.get("/v2/_catalog")), ["app"]);
  expectStatus(await client.remove(`/v2/app/manifests/${image.digest}`), 202);
  assert.deepEqual(repositoriesOf(await client.get("/v2/_catalog")), []);
});
