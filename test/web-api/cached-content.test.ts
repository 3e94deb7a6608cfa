import assert from "node:assert/strict";
import { test } from "node:test";
import type { Listed, ManifestView, RepositoryView, TagsView, UpstreamView } from "#core/web/views.ts";
import { startBerth } from "../harness/berth.ts";
import { accountDesk } from "../harness/accounts.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { pageClient } from "./page-client.ts";

test("what came from an upstream is shown as such, counted, and can only be pulled and removed", async () => {
  await using upstream = await startBerth();
  const image = oci.image();
  await registryClient(upstream.url).push("library/app", image, "v1");
  await using berth = await startBerth(
    {},
    `auth: { mode: token }
policy:
  rules:
    - {repositories: 'up.example/**', who: 'user:alice', allow: pull}
upstreams:
  - {name: up.example, url: "${upstream.url}"}
`,
  );
  const house = accountDesk(berth);
  const alice = await house.addUser("alice");
  await house.addUser("bob");
  await house.addUser("root-user", { admin: true });
  const pages = [];
  for (const name of ["alice", "bob", "root-user"]) {
    const page = pageClient(berth.url);
    await page.signIn(name, `password-of-${name}`);
    pages.push(page);
  }
  const [page, bob, admin] = pages as [(typeof pages)[0], (typeof pages)[0], (typeof pages)[0]];
  const client = house.as(alice);
  for (let i = 0; i < 3; i++)
    assert.equal((await client.get("/v2/up.example/library/app/manifests/v1")).status, 200);
  for (const { digest } of image.blobs)
    assert.equal((await client.get(`/v2/up.example/library/app/blobs/${digest}`)).status, 200);

  const { items } = (await page.get("/repositories")).json as Listed<RepositoryView>;
  assert.deepEqual(
    items.map(({ name, upstream: from, tags, manifests }) => [name, from, tags, manifests]),
    [["up.example/library/app", "up.example", 1, 1]],
  );
  assert.deepEqual((await bob.get("/repositories")).json.items, []);
  const tags = (await page.get("/tags?repository=up.example/library/app")).json as TagsView;
  assert.deepEqual(
    tags.items.map(({ name, digest }) => [name, digest]),
    [["v1", image.digest]],
  );
  const own = (await admin.get("/tags?repository=up.example/library/app")).json as TagsView;
  assert.deepEqual(own.may, { push: false, overwrite: false, delete: true });
  const view = (await page.get("/manifest?repository=up.example/library/app&reference=v1"))
    .json as ManifestView;
  assert.equal(view.layers.length, 1);

  const [seen] = ((await page.get("/upstreams")).json as Listed<UpstreamView>).items;
  assert.equal(seen?.url, "", "where it is, is for admins");
  assert.ok(seen !== undefined && seen.hits >= 2 && seen.misses >= 1 && seen.bytes > 0, JSON.stringify(seen));
  assert.deepEqual((await bob.get("/upstreams")).json.items, []);
  assert.equal((await admin.get("/upstreams")).json.items[0].url, upstream.url);

  const retag = { repository: "up.example/library/app", tag: "mine", from: "v1" };
  assert.equal((await admin.change("POST", "/tags", retag)).status, 403, "nothing is pushed there");
  assert.equal((await page.change("DELETE", "/tags?repository=up.example/library/app&tag=v1")).status, 403);
  assert.equal((await admin.change("DELETE", "/tags?repository=up.example/library/app&tag=v1")).status, 204);
});
