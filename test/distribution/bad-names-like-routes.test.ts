import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** Valid names made of the API's own words: all of them must work, each as a repository of its own. */
describe("repository names that look like routes", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  /** Push by every way, pull, list, delete. */
  async function works(repo: string): Promise<void> {
    const blob = freshBytes(100);
    for (const how of ["post-put", "post", "patch", "chunked"] as const) {
      await client.pushBlob(how === "post-put" ? blob : freshBytes(100), { repo, how });
    }
    const image = oci.image({ layers: [blob] });
    await client.push(repo, image, "latest");
    const pulled = await client.get(`/v2/${repo}/manifests/latest`);
    expectStatus(pulled, 200);
    assert.deepEqual(pulled.body, image.bytes);
    const layer = await client.get(`/v2/${repo}/blobs/${image.blobs[1]?.digest}`);
    expectStatus(layer, 200);
    assert.deepEqual(layer.body, blob);
    const tags = JSON.parse((await client.get(`/v2/${repo}/tags/list`)).body.toString()) as unknown;
    assert.deepEqual(tags, { name: repo, tags: ["latest"] });
    expectStatus(await client.get(`/v2/${repo}/referrers/${image.digest}`), 200);
    const session = await client.startUpload(repo);
    expectStatus(await client.get(session), 204);
    expectStatus(await client.remove(session), 204);
    expectStatus(await client.remove(`/v2/${repo}/manifests/latest`), 202);
    expectStatus(await client.get(`/v2/${repo}/manifests/${image.digest}`), 200);
    expectStatus(await client.remove(`/v2/${repo}/manifests/${image.digest}`), 202);
  }

  for (const word of [
    "blobs",
    "manifests",
    "tags",
    "uploads",
    "referrers",
    "list",
    "v2",
    "catalog",
    "latest",
  ]) {
    test(`a repository named ${word}, and one with it as a component`, async () => {
      for (const repo of [word, `a/${word}`, `${word}/a`, `a/${word}/b`, `${word}/${word}`])
        await works(repo);
    });
  }

  test("a repository whose name ends in /blobs/uploads", async () => {
    for (const repo of ["a/blobs/uploads", "blobs/uploads", "a/blobs/uploads/blobs/uploads"])
      await works(repo);
  });

  test("a repository whose name ends in /tags/list, /manifests/latest or /referrers/x", async () => {
    for (const repo of ["a/tags/list", "a/manifests/latest", "a/referrers/x", "a/manifests"])
      await works(repo);
  });

  test("names that contain one another are different repositories", async () => {
    const image = oci.image();
    await client.push("outer/blobs/uploads", image, "here");
    expectStatus(await client.get("/v2/outer/manifests/here"), 404);
    expectStatus(await client.get(`/v2/outer/blobs/${image.blobs[0]?.digest}`), 404);
    expectStatus(await client.get("/v2/outer/blobs/uploads/manifests/here"), 200);
  });

  test("a name of 255 characters works", async () => {
    await works("a".repeat(255));
    await works("ab/".repeat(84) + "abc");
  });

  test("tags named like routes work", async () => {
    for (const tag of [
      "uploads",
      "list",
      "blobs",
      "manifests",
      "_catalog",
      "sha256",
      "sha256-" + "a".repeat(64),
    ]) {
      const image = oci.image();
      await client.push("tagged", image, tag);
      assert.deepEqual((await client.get(`/v2/tagged/manifests/${tag}`)).body, image.bytes);
    }
  });
});
