import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, oci, registryClient, type ManifestContent } from "../harness/registry-client.ts";
import { berth } from "./captured.ts";

const repo = "team/app";

/** A running server with two images, and `berth tag` beside it. */
async function place(policy = "") {
  const folder = tempFolder();
  const file = join(folder.path, "berth.yaml");
  writeFileSync(file, policy);
  const server = await startBerth({}, policy);
  const client = registryClient(server.url);
  const [one, two] = [oci.image(), oci.image()];
  for (const image of [one, two]) await client.push(repo, image);
  return {
    ...{ client, one, two },
    push: async (tag: string, image: ManifestContent) =>
      expectStatus(await client.putManifest(repo, tag, image.bytes, image.mediaType), 201),
    remove: async (reference: string) =>
      expectStatus(await client.request("DELETE", `/v2/${repo}/manifests/${reference}`), 202),
    names: async (tag: string) =>
      (await client.get(`/v2/${repo}/manifests/${tag}`)).headers.get("docker-content-digest"),
    tag: (...args: string[]) => berth(["tag", ...args, "--config", file, "--data", server.data]),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("beside a running server a deleted tag is listed and brought back", async () => {
  await using here = await place();
  await here.push("v1", here.one);
  assert.match(
    (await here.tag("list", repo)).stdout,
    /^TAG +DIGEST .*\nv1 +sha256:.{12} +\S+ \S+ +never +0 +-\n$/,
  );
  assert.equal((await here.tag("removed")).stderr, "no removed tags that can come back\n");
  await here.remove("v1");
  assert.equal((await here.tag("list", repo)).stderr, `${repo} has no tags\n`);
  const { tags } = JSON.parse((await here.tag("removed", repo, "--json")).stdout) as {
    tags: {
      id: number;
      name: string;
      digest: string;
      removed_by: string;
      removed_at: string;
      until: string;
    }[];
  };
  assert.deepEqual(
    tags.map(({ name, digest, removed_by }) => [name, digest, removed_by]),
    [["v1", here.one.digest, "anyone"]],
  );
  assert.equal(Date.parse(tags[0]?.until ?? "") - Date.parse(tags[0]?.removed_at ?? ""), 7 * 86_400_000);
  const { code, stdout, stderr } = await here.tag("restore", `${repo}:v1`);
  assert.deepEqual([code, stdout, stderr], [0, `${repo}:v1 is back, and names ${here.one.digest}\n`, ""]);
  assert.equal(await here.names("v1"), here.one.digest);
  const gone = await here.tag("restore", `${repo}:v1`);
  assert.deepEqual(
    [gone.code, gone.stderr],
    [
      1,
      `berth: no removed tag v1 of ${repo} can be brought back: berth tag removed ${repo} shows those that can\n`,
    ],
  );
});

test("a tag that is there again is only moved with --force, and an older one is had by its id", async () => {
  await using here = await place();
  for (const image of [here.one, here.two]) {
    await here.push("v1", image);
    await here.remove("v1");
  }
  await here.push("v1", here.two);
  const refused = await here.tag("restore", `${repo}:v1`);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^berth: tag v1 of team\/app is there again, and names sha256:\S+; --force /);
  const ids = [...(await here.tag("removed")).stdout.matchAll(/^(\d+) +team/gm)].map(([, id = ""]) => id);
  assert.equal(ids.length, 2);
  assert.equal((await here.tag("restore", `${repo}:v2`, "--id", ids[1] ?? "")).code, 1, "of another name");
  assert.equal((await here.tag("restore", `${repo}:v1`, "--id", ids[1] ?? "", "--force")).code, 0);
  assert.equal(await here.names("v1"), here.one.digest);
});

test("an immutable tag that is there again is never moved", async () => {
  await using here = await place('policy: { immutable_tags: [{ repositories: "team/*", tags: "v*" }] }');
  await here.push("v1", here.one);
  assert.match((await here.tag("list", repo)).stdout, / immutable\n$/);
  expectStatus(await here.client.request("DELETE", `/v2/${repo}/manifests/v1`), 403);
  await here.push("x", here.one);
  await here.remove("x");
  assert.equal((await here.tag("restore", `${repo}:x`)).code, 0);
});

test("pins are set and taken off; a deleted manifest's tags don't come back", async () => {
  await using here = await place();
  await here.push("v1", here.one);
  assert.equal((await here.tag("pin", `${repo}:v1`)).code, 0);
  assert.match((await here.tag("list", repo)).stdout, / pinned\n$/);
  assert.equal((await here.tag("unpin", `${repo}:v1`)).stdout, `${repo}:v1 is not pinned any more\n`);
  assert.match((await here.tag("pin", `${repo}:v9`)).stderr, /repository team\/app has no tag v9/);
  await here.remove("v1");
  await here.remove(here.one.digest);
  assert.equal((await here.tag("restore", `${repo}:v1`)).code, 1);
});

test("what isn't REPOSITORY:TAG isn't understood", async () => {
  for (const text of ["team/app", ":v1", "team/app:", "Team:v1", "team/app@sha256:00"])
    assert.equal((await berth(["tag", "restore", text])).code, 2, text);
  assert.equal((await berth(["tag", "restore", "team/app:v1", "--id", "x"])).code, 2);
  assert.match(
    (await berth(["tag"])).stderr,
    /there are tag list, tag removed, tag restore, tag pin, tag unpin/,
  );
});
