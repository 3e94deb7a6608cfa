import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  oci,
  registryClient,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** `?tag=` parameters on a push by digest: all of them or nothing at all. */
describe("bad tags of a manifest push", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  const put = (repo: string, content: ManifestContent, tags: string[]) =>
    client.putManifest(repo, content.digest, content.bytes, content.mediaType, { tags });

  async function tagsOf(repo: string): Promise<string[]> {
    const answer = await client.get(`/v2/${repo}/tags/list`);
    if (answer.status === 404) return [];
    expectStatus(answer, 200);
    return (JSON.parse(answer.body.toString()) as { tags: string[] }).tags;
  }

  async function nothingWritten(repo: string, content: ManifestContent): Promise<void> {
    expectError(await client.get(`/v2/${repo}/manifests/${content.digest}`), 404, "MANIFEST_UNKNOWN");
    assert.deepEqual(await tagsOf(repo), []);
  }

  test("1,000 `?tag=` are 414, and nothing is written", async () => {
    const index = oci.index();
    const tags = Array.from({ length: 1000 }, (_, i) => `t${i}`);
    expectError(await put("many", index, tags), 414);
    await nothingWritten("many", index);
  });

  test("1,000 times the same tag are 414 as well", async () => {
    const index = oci.index();
    expectError(
      await put(
        "same",
        index,
        Array.from({ length: 1000 }, () => "t"),
      ),
      414,
    );
    await nothingWritten("same", index);
  });

  test("100,000 `?tag=` are refused and the server lives", async () => {
    const index = oci.index();
    const tags = Array.from({ length: 100_000 }, (_, i) => `t${i}`);
    // The header limit of the HTTP server may come first, and may close before all was sent.
    const answer = await put("far-too-many", index, tags).catch((error: NodeJS.ErrnoException) => {
      assert.match(error.code ?? "", /ECONNRESET|EPIPE/);
      return undefined;
    });
    if (answer !== undefined) expectStatus(answer, 414, 431);
    await nothingWritten("far-too-many", index);
  });

  test("limits.tags_per_put holds to the tag", async () => {
    await using small = await startBerth({ limits: { tags_per_put: 3 } });
    const other = registryClient(small.url);
    const content = oci.index();
    const send = (tags: string[]) =>
      other.putManifest("app", content.digest, content.bytes, content.mediaType, { tags });
    expectError(await send(["a", "b", "c", "d"]), 414);
    expectError(await other.get(`/v2/app/manifests/${content.digest}`), 404, "MANIFEST_UNKNOWN");
    expectStatus(await send(["a", "b", "c"]), 201);
  });

  test("an invalid tag among good ones: nothing is written", async () => {
    const index = oci.index();
    for (const bad of ["-x", "a/b", "", "é", "a b", "x".repeat(129), "..", "a:b", "\0"]) {
      for (const tags of [
        ["one", "two", bad],
        [bad, "one"],
        ["one", bad, "two"],
      ]) {
        expectError(await put("app", index, tags), 400, "MANIFEST_INVALID");
        await nothingWritten("app", index);
      }
    }
    expectStatus(await put("app", index, ["one", "two"]), 201);
    assert.deepEqual(await tagsOf("app"), ["one", "two"]);
  });

  test("an invalid tag among good ones doesn't move the good ones", async () => {
    const [old, young] = [
      oci.index({ annotations: { a: "old" } }),
      oci.index({ annotations: { a: "young" } }),
    ];
    expectStatus(await put("moving", old, ["one", "two"]), 201);
    expectError(await put("moving", young, ["one", "-bad", "three"]), 400, "MANIFEST_INVALID");
    assert.deepEqual(await tagsOf("moving"), ["one", "two"]);
    assert.deepEqual((await client.get("/v2/moving/manifests/one")).body, old.bytes);
    expectError(await client.get(`/v2/moving/manifests/${young.digest}`), 404, "MANIFEST_UNKNOWN");
  });

  test("the same tag twice is one tag", async () => {
    const index = oci.index();
    expectStatus(await put("twice", index, ["a", "a"]), 201);
    assert.deepEqual(await tagsOf("twice"), ["a"]);
  });
});
